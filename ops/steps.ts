/** Prints a step, does it, and prints how it went: `PostgreSQL … 15, already listening (0.1 s)`. */
export async function step<Result>(
  name: string,
  work: () => Promise<Result> | Result,
  tell?: (result: Result) => string,
): Promise<Result> {
  const startedAt = performance.now();
  process.stdout.write(`${name} … `);
  const result = await work();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${tell?.(result) ?? "done"} (${seconds} s)`);
  return result;
}

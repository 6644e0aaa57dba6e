/** Prints a step, does it, and prints how it went, `PostgreSQL … 15, already listening (0.1 s)`, or that it failed. */
export async function step<Result>(
  name: string,
  work: () => Promise<Result> | Result,
  tell?: (result: Result) => string,
): Promise<Result> {
  const startedAt = performance.now();
  process.stdout.write(`${name} … `);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    console.log("failed");
    throw error;
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${tell?.(result) ?? "done"} (${seconds} s)`);
  return result;
}

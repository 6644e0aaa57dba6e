import type { z } from "zod";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";

const PATIENCE_MS = 3_000;

/**
 * Asks the demo's sandbox at `/control/<path>`, or tells it what `put` says.
 * @throws Problem 404 with the sentence `absent` where the demo does not run, 503 when it does not answer or not in `shape`.
 */
export async function askSandbox<Shape>(
  path: string,
  { shape, absent, put }: { shape: z.ZodType<Shape>; absent: string; put?: object | undefined },
): Promise<Shape> {
  const { SANDBOX_URL } = env();
  if (!SANDBOX_URL) throw new Problem(404, "no_demo", absent);
  try {
    const answer = await fetch(`${SANDBOX_URL}/control/${path}`, {
      method: put ? "PUT" : "GET",
      headers: { "content-type": "application/json" },
      body: put && JSON.stringify(put),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return shape.parse(await answer.json());
  } catch {
    throw new Problem(503, "sandbox_unavailable", "The sandbox does not answer.");
  }
}

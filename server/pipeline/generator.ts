import type { z } from "zod";
import { Generator, type GeneratorChange } from "#contracts/api/overview";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";

/** Asks the sandbox's order generator, or tells it something. @throws Problem 404 without the demo, 503 when it does not answer. */
export async function askGenerator(change?: z.infer<typeof GeneratorChange>): Promise<Generator> {
  const { SANDBOX_URL } = env();
  if (!SANDBOX_URL)
    throw new Problem(404, "no_demo", "The order generator is part of the demo, which does not run here.");
  try {
    const answer = await fetch(`${SANDBOX_URL}/control/generator`, {
      method: change ? "PUT" : "GET",
      headers: { "content-type": "application/json" },
      body: change ? JSON.stringify(change) : undefined,
      signal: AbortSignal.timeout(3_000),
    });
    return Generator.parse(await answer.json());
  } catch {
    throw new Problem(503, "sandbox_unavailable", "The sandbox does not answer.");
  }
}

import type { z } from "zod";
import { Generator, type GeneratorChange } from "#contracts/api/overview";
import { askSandbox } from "./sandbox.ts";

/** Asks the sandbox's order generator, or tells it something. @throws Problem 404 without the demo, 503 when it does not answer. */
export const askGenerator = (change?: z.infer<typeof GeneratorChange>): Promise<Generator> =>
  askSandbox("generator", {
    shape: Generator,
    absent: "The order generator is part of the demo, which does not run here.",
    put: change,
  });

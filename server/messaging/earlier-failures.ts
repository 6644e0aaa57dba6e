import { z } from "zod";
import { cut, type Failure } from "./failure.ts";

/**
 * The failed attempts of a message before its last one, oldest first. They travel with the message, as JSON in one header,
 * because nobody writes them down before it is dead: whoever reads the dead letter has them all.
 */
export const EARLIER_FAILURES_HEADER = "x-earlier-failures";

/** One failed attempt. Time in ISO 8601, UTC. */
const EarlierFailure = z.object({
  failedAt: z.iso.datetime(),
  errorClass: z.string(),
  message: z.string(),
  stack: z.string(),
  worker: z.string(),
  workerVersion: z.string(),
});
export type EarlierFailure = z.infer<typeof EarlierFailure>;

/** All headers of an AMQP message share 64 KiB. */
const HEADER_BYTES = 12 * 1_024;
const MESSAGE_BYTES = 512;
const STACK_BYTES = 2_048;

/** What the header says. It comes from anybody: what is no failure is left out. Never throws. */
export function readEarlierFailures(header: string | undefined): EarlierFailure[] {
  if (!header) return [];
  try {
    const told = z.array(z.unknown()).parse(JSON.parse(header));
    return told.flatMap((one) => EarlierFailure.safeParse(one).data ?? []);
  } catch {
    return [];
  }
}

/**
 * The header for the next attempt. Where so many failures have no room, the first and the newest stay.
 * @param header the one that the failed attempt came with.
 */
export function withFailure(header: string | undefined, failure: Omit<Failure, "attempts" | "firstFailedAt">): string {
  const failures = [...readEarlierFailures(header), shortened(failure)];
  for (;;) {
    const text = JSON.stringify(failures);
    if (Buffer.byteLength(text) <= HEADER_BYTES || failures.length <= 2) return text;
    failures.splice(1, 1);
  }
}

const shortened = ({ failedAt, errorClass, message, stack, worker, workerVersion }: EarlierFailure) => ({
  failedAt,
  errorClass: cut(errorClass, 256),
  message: cut(message, MESSAGE_BYTES),
  stack: cut(stack, STACK_BYTES),
  worker: cut(worker, 256),
  workerVersion: cut(workerVersion, 256),
});

import application from "../../package.json" with { type: "json" };
import type { KafkaPosition } from "./broker.ts";

/** Why and how often a message failed, as it travels with a retry or a dead letter. Times are ISO 8601, UTC. */
export type Failure = {
  errorClass: string;
  message: string;
  stack: string;
  worker: string;
  /** Version of the application the worker ran in. */
  workerVersion: string;
  /** Attempts made so far, the failed one included. */
  attempts: number;
  firstFailedAt: string;
  failedAt: string;
};

/** The part of a failure that the failing attempt itself knows. */
export type Fault = Pick<Failure, "errorClass" | "message" | "stack" | "worker" | "workerVersion">;

/** Where the message was when it failed. */
export type Origin = { exchange: string; routingKey: string; queue: string } | KafkaPosition;

const MESSAGE_BYTES = 1_024;
const STACK_BYTES = 8_192;
const NAME_BYTES = 256;

/**
 * What a thrown value tells of a failed attempt, failed now. Anything may be thrown, so nothing is taken for granted.
 * @param by.attempts made so far, this one included.
 */
export function failureOf(
  error: unknown,
  by: Pick<Failure, "worker" | "attempts"> & Partial<Pick<Failure, "workerVersion" | "firstFailedAt">>,
): Failure {
  const failedAt = new Date().toISOString();
  const told =
    error instanceof Error
      ? { errorClass: error.name, message: error.message, stack: error.stack ?? "" }
      : { errorClass: typeof error, message: printed(error), stack: "" };
  return { ...told, workerVersion: application.version, firstFailedAt: failedAt, failedAt, ...by };
}

function printed(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that can't be printed";
  }
}

/** The failure as headers for Kafka and RabbitMQ. Texts are cut: message at 1 KiB, stack at 8 KiB, names at 256 bytes. */
export function failureHeaders(failure: Failure): Record<string, string | number> {
  return {
    "x-error-class": cut(failure.errorClass, NAME_BYTES),
    "x-error-message": cut(failure.message, MESSAGE_BYTES),
    "x-error-stack": cut(failure.stack, STACK_BYTES),
    "x-worker": cut(failure.worker, NAME_BYTES),
    "x-worker-version": cut(failure.workerVersion, NAME_BYTES),
    "x-attempts": failure.attempts,
    "x-first-failed-at": failure.firstFailedAt,
    "x-failed-at": failure.failedAt,
  };
}

/** Where the message came from, as headers: enough to send it there again. */
export function originHeaders(origin: Origin): Record<string, string | number> {
  if ("topic" in origin)
    return {
      "x-original-topic": origin.topic,
      "x-original-partition": origin.partition,
      "x-original-offset": origin.offset,
    };
  return {
    "x-original-exchange": origin.exchange,
    "x-original-routing-key": origin.routingKey,
    "x-original-queue": origin.queue,
  };
}

/** Cuts after `bytes` bytes of UTF-8, never inside a character. */
export function cut(text: string, bytes: number): string {
  // No character is shorter than a byte, so the slice bounds the work on a huge text.
  const encoded = Buffer.from(text.slice(0, bytes));
  if (encoded.length <= bytes) return encoded.toString();
  let end = bytes;
  while (end > 0 && (encoded[end]! & 0b1100_0000) === 0b1000_0000) end -= 1;
  return encoded.toString("utf8", 0, end);
}

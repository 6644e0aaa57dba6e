import { cleanText, uuidOrNull } from "./clean-text.ts";

/** Why and how often it failed, and where it was. */
export type ReadFailure = {
  errorClass: string;
  errorMessage: string;
  errorStack: string;
  worker: string | null;
  workerVersion: string | null;
  attempts: number;
  firstFailedAt: Date;
  failedAt: Date;
  /** The replay that ended in this death. */
  replayId: string | null;
};

type Header = (name: string) => string | undefined;

const NAME_CHARACTERS = 200;
const MESSAGE_CHARACTERS = 4_096;
const STACK_CHARACTERS = 16_384;
const EARLIEST = Date.UTC(2000, 0);
/** Clocks differ by so much, ms. A death later than that would stand above all others for years. */
const AHEAD_MS = 24 * 3_600_000;

/**
 * Reads the marks that a failed attempt left in the headers.
 * @param cause what the broker says, where it was the broker that gave up; it came last.
 * @param at.diedAt when the broker moved or stored it, where a header does not tell.
 * @param at.now nothing is believed that is later.
 */
export function readFailure(
  header: Header,
  cause: { errorClass: string; errorMessage: string } | null,
  at: { diedAt: Date | null; now: Date },
): ReadFailure {
  const told = header("x-error-class");
  const failedAt = (cause ? at.diedAt : timeOrNull(header("x-failed-at"), at.now)) ?? at.diedAt ?? at.now;
  const firstFailedAt = timeOrNull(header("x-first-failed-at"), at.now) ?? failedAt;
  const error = cause ?? {
    errorClass: told || "Unknown",
    errorMessage: told
      ? (header("x-error-message") ?? "")
      : "Somebody put it straight among the dead letters without a reason.",
  };
  return {
    errorClass: cleanText(error.errorClass, NAME_CHARACTERS),
    errorMessage: cleanText(error.errorMessage, MESSAGE_CHARACTERS),
    errorStack: cause ? "" : cleanText(header("x-error-stack") ?? "", STACK_CHARACTERS),
    worker: nameOrNull(header("x-worker")),
    workerVersion: nameOrNull(header("x-worker-version")),
    attempts: countOrZero(header("x-attempts")),
    firstFailedAt: new Date(Math.min(firstFailedAt.getTime(), failedAt.getTime())),
    failedAt,
    replayId: uuidOrNull(header("x-replay-id")),
  };
}

const nameOrNull = (value: string | undefined) => (value ? cleanText(value, NAME_CHARACTERS) : null);

function countOrZero(value: string | undefined): number {
  const count = Number(value ?? 0);
  return Number.isInteger(count) && count > 0 && count < 2 ** 31 ? count : 0;
}

/** A time that can be; null for any other. */
export function timeOrNull(value: string | number | undefined, now: Date): Date | null {
  const time = value === undefined || value === "" ? Number.NaN : new Date(value).getTime();
  return time >= EARLIEST && time <= now.getTime() + AHEAD_MS ? new Date(time) : null;
}

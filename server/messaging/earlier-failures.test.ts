import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { event } from "#contracts/message";
import { deadLetter, retryReminder } from "./dead-letter.ts";
import { EARLIER_FAILURES_HEADER, readEarlierFailures, withFailure } from "./earlier-failures.ts";
import { failureOf } from "./failure.ts";
import type { Delivery } from "./handle.ts";
import { headersOf } from "./stored-headers.ts";
import { worker } from "./worker.ts";

const failed = (message: string, stack = "") => ({
  ...failureOf(new Error(message), { worker: "send-email", attempts: 1, workerVersion: "1.0.0" }),
  stack,
});

/** The header after these failures, one after the other. */
const told = (messages: readonly string[], stack = "") =>
  messages.reduce<string | undefined>((header, message) => withFailure(header, failed(message, stack)), undefined);

describe("the failures of earlier attempts", () => {
  it("travel in the order in which they happened, each with its time, error and stack", () => {
    const failures = readEarlierFailures(told(["mailbox is full", "mail server is away"], "at send"));
    expect(failures).toMatchObject([
      { errorClass: "Error", message: "mailbox is full", stack: "at send", worker: "send-email" },
      { message: "mail server is away", workerVersion: "1.0.0" },
    ]);
    expect(failures.every(({ failedAt }) => Date.now() - Date.parse(failedAt) < 60_000)).toBe(true);
  });

  it("never take more than 12 KiB, however many and long; the first and the newest stay", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }),
        (times, piece) => {
          const messages = Array.from({ length: times }, (_, index) => `${index} ${piece.repeat(100)}`);
          const header = told(messages, piece.repeat(1_000))!;
          const kept = readEarlierFailures(header).map(({ message }) => Number(message.split(" ")[0]));
          expect(Buffer.byteLength(header)).toBeLessThanOrEqual(12 * 1_024);
          expect([kept[0], kept.at(-1)]).toEqual([0, times - 1]);
          expect(kept).toEqual(kept.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([undefined, "", "{", "null", "7", '"text"', "[1, null, {}]", '[{"failedAt": "yesterday"}]'])(
    "are none where a stranger wrote %s",
    (header) => expect(readEarlierFailures(header)).toEqual([]),
  );
});

test("a message of Kafka takes its failures along through every reminder into the dead letter", () => {
  const noted = event("test.noted", { version: 1, body: {} });
  const careful = worker({ name: "careful", on: [noted], emits: [], retry: { delaysMs: [1, 1] } });
  const foreign = [EARLIER_FAILURES_HEADER, Buffer.from(told(["a stranger's"])!)] as const;
  const raw = { key: null, value: Buffer.from("{}"), headers: [["source", Buffer.from("checkout")] as const, foreign] };
  let delivery = { message: { id: "1" }, raw, attempts: 0 } as unknown as Delivery;
  for (const error of ["first", "second"]) {
    const reminder = retryReminder(careful, { delivery, error: new Error(error) }, 1)!;
    const headers = headersOf(reminder.headers as never);
    delivery = { ...delivery, raw: { ...raw, headers }, attempts: reminder.attempts! } as Delivery;
  }
  expect(retryReminder(careful, { delivery, error: new Error("third") }, 1)).toBeNull();
  const headers = deadLetter(careful, delivery, new Error("third")).headers!;
  const header = (name: string) => headers.filter(([each]) => each === name).map(([, value]) => value!.toString());
  expect(header("source")).toEqual(["checkout"]);
  const [earlier] = header(EARLIER_FAILURES_HEADER);
  expect(header(EARLIER_FAILURES_HEADER)).toHaveLength(1);
  expect(readEarlierFailures(earlier).map(({ message }) => message)).toEqual(["first", "second"]);
  expect(header("x-error-message")).toEqual(["third"]);
  expect(header("x-first-failed-at")).toEqual([readEarlierFailures(earlier)[0]!.failedAt]);
});

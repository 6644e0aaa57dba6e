import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, failureHeaders, failureOf, originHeaders } from "./failure.ts";

const by = { worker: "email", workerVersion: "3", attempts: 2 };
const failure: Failure = {
  errorClass: "TypeError",
  message: "no such address",
  stack: "TypeError: no such address\n    at send",
  ...by,
  firstFailedAt: "2026-01-02T03:04:05.000Z",
  failedAt: "2026-01-02T03:04:06.000Z",
};

describe("a failure", () => {
  it("travels as headers that name the error, the worker, the attempts and both times", () => {
    expect(failureHeaders(failure)).toEqual({
      "x-error-class": "TypeError",
      "x-error-message": "no such address",
      "x-error-stack": "TypeError: no such address\n    at send",
      "x-worker": "email",
      "x-worker-version": "3",
      "x-attempts": 2,
      "x-first-failed-at": "2026-01-02T03:04:05.000Z",
      "x-failed-at": "2026-01-02T03:04:06.000Z",
    });
  });

  it("names the Kafka record it came from", () => {
    expect(originHeaders({ topic: "order.events", partition: 3, offset: "42" })).toEqual({
      "x-original-topic": "order.events",
      "x-original-partition": 3,
      "x-original-offset": "42",
    });
  });

  it("names the queue it came from and how it got there", () => {
    expect(originHeaders({ exchange: "order_events", routingKey: "order.de.books.paid", queue: "audit" })).toEqual({
      "x-original-exchange": "order_events",
      "x-original-routing-key": "order.de.books.paid",
      "x-original-queue": "audit",
    });
  });

  it("never grows past its bounds and never cuts a character in two", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.integer({ min: 1, max: 200 }), (text, times) => {
        const long = text.repeat(times);
        const headers = failureHeaders({ ...failure, message: long, stack: long });
        const stack = String(headers["x-error-stack"]);
        expect(Buffer.byteLength(String(headers["x-error-message"]))).toBeLessThanOrEqual(1_024);
        expect(Buffer.byteLength(stack)).toBeLessThanOrEqual(8_192);
        expect(long.startsWith(stack)).toBe(true);
        if (Buffer.byteLength(long) <= 8_192) expect(stack).toBe(long);
        else expect(Buffer.byteLength(stack)).toBeGreaterThan(8_192 - 4);
      }),
    );
  });

  it("can be told of anything thrown, errors or not", () => {
    expect(failureOf(new RangeError("too far"), by)).toMatchObject({ errorClass: "RangeError", message: "too far" });
    expect(failureOf("just text", by)).toMatchObject({ errorClass: "string", message: "just text", stack: "" });
    expect(failureOf(undefined, by)).toMatchObject({ errorClass: "undefined", message: "undefined" });
    expect(failureOf(new Error("x"), { worker: "email", attempts: 1 }).workerVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(failureOf(Object.create(null), by)).toMatchObject({ message: "a value that can't be printed", ...by });
  });
});

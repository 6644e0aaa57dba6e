import fc from "fast-check";
import { expect, test } from "vitest";
import { BrowsedRecord } from "#contracts/api/operations";
import type { ReadRecord } from "#server/messaging/kafka-browse";
import { matches, showRecord } from "./show-record.ts";

const record = (more: Partial<ReadRecord> = {}): ReadRecord => ({
  ...{ partition: 3, offset: 7n, atMs: 1_700_000_000_000, key: null, value: null, headers: [] },
  ...more,
});
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const orderId = "6f1b2c3d-0000-4000-8000-000000000001";

test.each([
  ["JSON", json({ orderId }), { decodedAs: "json", error: null, orderId }],
  ["a text", Buffer.from("just words"), { decodedAs: "text", error: null, orderId: null }],
  ["broken JSON", Buffer.from('{"a":'), { decodedAs: "text", error: expect.stringMatching(/JSON/) }],
  [
    "raw bytes",
    Buffer.from([0xff, 0, 1]),
    { decodedAs: "binary", value: "/wAB", error: expect.stringMatching(/UTF-8/) },
  ],
  ["a tombstone", null, { decodedAs: "tombstone", value: null, error: null }],
])("%s is shown as what it is", (_, value, shown) => {
  expect(showRecord(record({ value }))).toMatchObject(shown);
});

test("a long value is cut, and says so; a key that is an order's id leads to it", () => {
  const shown = showRecord(record({ key: Buffer.from(orderId), value: Buffer.from("x".repeat(400_000)) }));
  expect(shown).toMatchObject({ isCut: true, orderId });
  expect(shown.value!.length).toBeLessThan(20_000);
});

test("records are found by key, header, text and JSON path, all of which must hold", () => {
  const one = record({
    key: Buffer.from("k1"),
    headers: [["event-type", Buffer.from("order.placed")]],
    value: json({ data: { order: { currency: "EUR", totalCents: 4_500, lines: [{ sku: "A" }] } } }),
  });
  const finds = (filter: Parameters<typeof matches>[1]) => matches(one, filter);
  expect(finds({ key: "k1", header: "event-type=order.placed", text: "eur", path: "data.order.currency=EUR" })).toBe(
    true,
  );
  expect(finds({ path: "data.order.totalCents=4500" })).toBe(true);
  expect(finds({ path: "data.order.lines.0.sku=A" })).toBe(true);
  expect(finds({ path: "data.order" })).toBe(true);
  for (const filter of [
    { key: "k" },
    { header: "event-type=order" },
    { text: "usd" },
    { path: "data.order.currency=USD" },
    { path: "data.constructor" },
  ])
    expect(finds(filter)).toBe(false);
});

test("whatever lies in a topic can be shown", () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)));
  fc.assert(
    fc.property(bytes, bytes, fc.double(), fc.string(), (key, value, atMs, path) => {
      const any = record({ key, value, atMs, headers: [["h", value ?? Buffer.alloc(0)]] });
      expect(BrowsedRecord.parse(showRecord(any))).toBeTruthy();
      expect(typeof matches(any, { path })).toBe("boolean");
    }),
  );
});

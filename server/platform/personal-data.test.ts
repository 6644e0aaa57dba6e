import { expect, test } from "vitest";
import { z } from "zod";
import { LetterDetail } from "#contracts/api/dead-letters";
import { BrowsedRecord } from "#contracts/api/operations";
import { OrderEvent, OrderRow } from "#contracts/api/orders";
import { OrderAsOf } from "#contracts/api/story";
import { personal } from "#contracts/personal";
import { guardSearch, masked } from "./personal-data.ts";

const viewer = { userId: "1", name: "Vi", email: "vi@example.com", role: "viewer" };
const id = "01a1fc89-14a4-750e-b3a7-dfec7d678355";
const address = { name: "Ada Novák", line1: "Lange Straße 5", postalCode: "10115", city: "Berlin", country: "DE" };
const text = (value: string) => masked(personal("text", z.string()), value);

test("a name keeps its first letter, an e-mail its first letter and domain, an address its country", () => {
  const row = { name: "Élise Berg", email: "elise.berg@example.com", by: "settle-replays", to: address };
  const schema = z.object({
    name: personal("name", z.string()),
    email: personal("email", z.string()),
    by: personal("email", z.string()),
    to: OrderEvent.shape.data,
    type: z.string(),
  });
  expect(masked(schema, { ...row, type: "order.placed" })).toMatchObject({
    name: "É***",
    email: "e***@example.com",
    by: "settle-replays",
  });
});

test("the data of a message are masked as its contract says; what no contract knows is withheld", () => {
  const event = {
    eventId: id,
    seq: 1,
    source: "checkout",
    occurredAt: "",
    sentAt: null,
    kafkaPartition: 0,
    kafkaOffset: 1,
  };
  const data = {
    customerId: id,
    shippingAddress: address,
    express: true,
    note: "call Ada",
    lines: [{ sku: "TEA", name: "Tea" }],
  };
  const known = masked(OrderEvent, { ...event, type: "order.placed", data });
  expect(known.data).toEqual({
    customerId: id,
    shippingAddress: { name: "A***", line1: "***", postalCode: "***", city: "***", country: "DE" },
    express: true,
    lines: [{ sku: "TEA", name: "Tea" }],
  });
  expect(masked(OrderEvent, { ...event, type: "order.dreamt", data }).data).toEqual({});
});

test("a record of a topic keeps what is no person's: ids, our own headers, what the contract calls harmless", () => {
  const record = {
    ...{
      partition: 0,
      offset: "1",
      at: "",
      isCut: false,
      decodedAs: "json" as const,
      error: null,
      schema: null,
      orderId: id,
    },
    key: id,
    headers: [
      ["event-type", "order.placed"],
      ["source", "ada@example.com"],
      ["x-customer", "Ada Novák"],
    ] as [string, string][],
    value: JSON.stringify({ id, type: "order.placed", orderId: id, data: { shippingAddress: address } }),
  };
  const shown = masked(BrowsedRecord, record);
  expect(JSON.stringify(shown)).not.toMatch(/Novák|Straße|10115|Berlin|ada@/);
  expect(shown).toMatchObject({
    key: id,
    headers: [
      ["event-type", "order.placed"],
      ["source", "a***@example.com"],
      ["x-customer", "***"],
    ],
  });
  expect(JSON.parse(shown.value!)).toMatchObject({
    type: "order.placed",
    data: { shippingAddress: { country: "DE" } },
  });
  for (const value of ['{"customer":"Ada"}', "Ada", '{"type":7}', "null"])
    expect(masked(BrowsedRecord, { ...record, value, key: "ada" })).toMatchObject({ value: "***", key: "***" });
});

test.each([
  ["550 5.1.1 <ada.novak@example.com>: unknown", "550 5.1.1 <a***@example.com>: unknown"],
  ["to=ada@example.com, cc=b@example.com", "to=a***@example.com, cc=b***@example.com"],
  ["call +49 (30) 123-45 67 or 0049301234567", "call *** or ***"],
  ['no street "Lange Straße 5" in Berlin', 'no street "***" in Berlin'],
  ["can't reach 'Ada Novák', won't try", "can't reach '***', won't try"],
  ['queue "webhook.dlq" answered 500 after 3 attempts on 2026-11-21 10:20:30', null],
])("in a sentence, whatever may be somebody's is masked: %s", (given, shown) => {
  expect(text(given)).toBe(shown ?? given);
});

test("a name of ours in quotation marks does not open a quotation", () => {
  const said = 'queue "webhook.dlq" holds "Ada Novák" since \'retry\' of "x"';
  expect(text(said)).toBe('queue "webhook.dlq" holds "***" since \'retry\' of "x"');
});

test("whatever a stranger writes, masking it takes no longer than reading it", () => {
  const startedMs = performance.now();
  for (const part of ["a", '"', "'", " '", "“", "`", "+0", "+1 ", "@", "a@", "<", "00", '"a', "a.", "\\"])
    text(part.repeat(200_000 / part.length));
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});

test("a sentence is also masked by what the same answer calls personal, wherever that stands", () => {
  const schema = z.object({ error: personal("text", z.string()), customer: OrderRow.shape.customerName });
  expect(masked(schema, { error: "no parcel for ADA NOVÁK, nor for Novák (ad)", customer: "Ada Novák" }).error).toBe(
    "no parcel for ***, nor for *** (ad)",
  );
});

test("a dead letter's bytes, keys and properties are withheld, and the reason says so", () => {
  const { body, properties, headers } = LetterDetail.shape;
  const bytes = { bytes: 12, text: "Ada", base64: null, note: null };
  expect(masked(body, bytes)).toEqual({
    bytes: 12,
    text: null,
    base64: null,
    note: expect.stringMatching(/your role/),
  });
  expect(masked(properties, { replyTo: "Ada" })).toEqual({});
  expect(masked(headers, [["x-a", "QWRh", "base64"]])).toEqual([["x-a", "***", "utf8"]]);
});

test("an order as it was keeps its course and loses its address", () => {
  const state = {
    status: "paid" as const,
    shippingAddress: Object.values(address).join(", "),
    payment: "captured, 5.00 EUR",
  };
  const { state: shown } = masked(OrderAsOf, { seq: 1, of: 2, at: "", type: "order.placed", state });
  expect(shown).toEqual({ status: "paid", shippingAddress: "***", payment: "captured, 5.00 EUR" });
});

test.each(["Ada", "ada@example.com", "x-customer=Ada", "%", "12 34"])(
  "a viewer may not search for %j: the hits would tell",
  (search) => {
    expect(() => guardSearch(viewer, search)).toThrow(
      expect.objectContaining({ status: 403, code: "search_not_allowed" }),
    );
    expect(() => guardSearch({ ...viewer, role: "operator" }, search)).not.toThrow();
  },
);

test.each(["1234", id, "", undefined])("a viewer may search for %j", (search) => {
  expect(() => guardSearch(viewer, search)).not.toThrow();
});

import { expect, test } from "vitest";
import type { LetterRow } from "#contracts/api/dead-letters";
import type { OrderRow } from "#contracts/api/orders";
import { isId, prepareFound, prepareNamed, prepareSearches } from "./prepare-palette.ts";

const id = "018f4e5c-0000-7000-8000-000000000001";
const order = { orderId: id, number: 10_001, status: "paid", customerName: "Ada Lovelace" } as OrderRow;
const letter = {
  id,
  status: "dead",
  consumer: "send-webhook",
  source: "webhook",
  messageType: "webhook.send",
  errorMessage: "the partner answered 410",
  errorClass: "PartnerRefused",
} as LetterRow;

test("a pasted id leads to what it is: an order, a dead letter, or both", () => {
  expect(prepareFound({ orders: [order], letters: [letter] })).toEqual([
    { href: `/orders/${id}`, label: "Order 10001", description: "Paid, Ada Lovelace" },
    {
      href: `/dead-letters/letters/${id}`,
      label: "Dead letter of send-webhook",
      description: "Dead, webhook.send: the partner answered 410",
    },
  ]);
});

test.each([
  [id, true],
  ["10001", true],
  ["Ada Lovelace", false],
  ["", false],
])("“%s” is worth a look-up: %s", (text, isOne) => {
  expect(isId(text)).toBe(isOne);
});

test("a text can be looked for in orders and letters, an id in the records too", () => {
  expect(prepareSearches("a&b", "order.events", true).map(({ href }) => href)).toEqual([
    "/orders?search=a%26b",
    "/dead-letters?tab=letters&status=all&search=a%26b",
  ]);
  expect(prepareSearches(id, "order.events", true).at(-1)?.href).toBe(`/topics/order.events?text=${id}`);
  expect(prepareSearches("", "order.events", true)).toEqual([]);
});

test("who sees no personal data is offered to look for ids only", () => {
  expect(prepareSearches("Ada", "order.events", false)).toEqual([]);
  expect(prepareSearches("10001", "order.events", false)).toHaveLength(2);
  expect(prepareSearches(id, "order.events", false)).toEqual(prepareSearches(id, "order.events", true));
});

test("pages and consumers are found by a part of their name", () => {
  const offers = [{ href: "/queues", label: "Queues" }];
  expect(prepareNamed("QUE", offers)).toEqual(offers);
  expect(prepareNamed("x", offers)).toEqual([]);
});

import { expect, test } from "vitest";
import { checkInvariants } from "./check-invariants.ts";
import type { Ledgers } from "./ledgers.ts";

/** Two orders that went well (one by card, one cash on delivery) and one that was undone. */
function healthy() {
  const events = (orderId: string, types: string[]) =>
    types.map((type, index) => ({ orderId, seq: index + 1, type, isSent: true }));
  const mail = (orderId: string, kind: string) => ({
    orderId,
    kind,
    messageId: `<${kind}.${orderId}>`,
    recipients: [`${orderId}@example.test`],
  });
  const order = (id: string, status: string, paymentMethod: string, lastSeq: number) => ({
    id,
    status,
    shownStatus: status,
    paymentMethod,
    totalCents: 1000,
    lastSeq,
    email: `${id}@example.test`,
  });
  return {
    accepted: ["card", "cod", "undone"],
    orders: [
      order("card", "shipped", "prepaid", 4),
      order("cod", "shipped", "cod", 4),
      order("undone", "cancelled", "prepaid", 7),
    ],
    events: [
      ...events("card", ["order.placed", "payment.captured", "inventory.reserved", "shipping.created"]),
      ...events("cod", ["order.placed", "payment.deferred", "inventory.reserved", "shipping.created"]),
      ...events("undone", [
        "order.placed",
        "payment.captured",
        "inventory.reserved",
        "shipping.failed",
        "inventory.released",
        "payment.refunded",
        "order.cancelled",
      ]),
    ],
    payments: [
      { orderId: "card", status: "captured", amountCents: 1000, chargeId: "ch-card" as string | null },
      { orderId: "undone", status: "refunded", amountCents: 1000, chargeId: "ch-undone" as string | null },
    ],
    ledgerSums: [{ paymentId: "p1", currency: "EUR", sumCents: 0 }],
    stock: [{ sku: "TEA", initial: 10, available: 8, reserved: 0, shipped: 2 }],
    reservations: [
      { orderId: "card", sku: "TEA", quantity: 1, status: "shipped" },
      { orderId: "cod", sku: "TEA", quantity: 1, status: "shipped" },
      { orderId: "undone", sku: "TEA", quantity: 1, status: "released" },
    ],
    invoiceNumbers: [1, 2, 3],
    waitingRetries: 0,
    provider: {
      charges: [
        { id: "ch-card", orderId: "card", capturedCents: 1000, refundedCents: 0, refunds: 0 },
        { id: "ch-undone", orderId: "undone", capturedCents: 1000, refundedCents: 1000, refunds: 1 },
      ],
      parcels: [{ orderId: "card" }, { orderId: "cod" }],
      mails: [
        ...["order_received", "order_confirmed", "order_shipped"].flatMap((kind) => [
          mail("card", kind),
          mail("cod", kind),
        ]),
        ...["order_received", "order_confirmed", "order_cancelled"].map((kind) => mail("undone", kind)),
      ],
    },
  } satisfies Ledgers;
}
type Books = ReturnType<typeof healthy>;

test("books that agree have no violation", () => {
  expect(checkInvariants(healthy())).toEqual([]);
});

/** Each broken promise, planted; the checker must name it. A checker that can't fail is no evidence. */
const planted: [rule: string, plant: (books: Books) => unknown][] = [
  ["accepted order is durable", (books) => books.accepted.push("lost")],
  ["order reaches a final state", (books) => Object.assign(books.orders[0]!, { status: "paid", shownStatus: "paid" })],
  ["the dashboard shows the truth", (books) => Object.assign(books.orders[0]!, { shownStatus: "placed" })],
  ["history has no gap", (books) => Object.assign(books.events[1]!, { seq: 9 })],
  ["history has no gap", (books) => books.events.push({ ...books.events[0]! })],
  ["only allowed moves", (books) => Object.assign(books.events[2]!, { type: "order.delivered" })],
  ["every event reaches Kafka", (books) => Object.assign(books.events[3]!, { isSent: false })],
  ["nothing waits for ever", (books) => Object.assign(books, { waitingRetries: 1 })],
  ["one capture per order", (books) => books.provider.charges.push({ ...books.provider.charges[0]!, id: "ch-second" })],
  ["captured = total", (books) => Object.assign(books.provider.charges[0]!, { capturedCents: 999 })],
  ["our books = the provider's", (books) => Object.assign(books.payments[0]!, { chargeId: "ch-other" })],
  ["our books = the provider's", (books) => books.provider.charges.shift()],
  [
    "no charge without an order",
    (books) => books.provider.charges.push({ ...books.provider.charges[0]!, orderId: "nobody" }),
  ],
  ["one refund per capture", (books) => Object.assign(books.provider.charges[1]!, { refunds: 2 })],
  ["an undone order costs nothing", (books) => Object.assign(books.provider.charges[1]!, { refundedCents: 500 })],
  ["no parcel after a refund", (books) => Object.assign(books.provider.charges[0]!, { refundedCents: 1000 })],
  [
    "cash on delivery captures nothing",
    (books) => books.provider.charges.push({ ...books.provider.charges[0]!, orderId: "cod" }),
  ],
  ["no parcel without money", (books) => books.provider.charges.shift()],
  ["debits = credits", (books) => Object.assign(books.ledgerSums[0]!, { sumCents: 1 })],
  ["invoice numbers have no gap", (books) => books.invoiceNumbers.push(5)],
  ["stock is never negative", (books) => Object.assign(books.stock[0]!, { available: -1 })],
  ["stock is conserved", (books) => Object.assign(books.stock[0]!, { available: 7 })],
  ["shipped = what left", (books) => books.reservations.pop() && books.reservations.pop()],
  ["reserved = what orders hold", (books) => Object.assign(books.reservations[2]!, { status: "reserved" })],
  ["no stock held by a finished order", (books) => Object.assign(books.reservations[2]!, { status: "reserved" })],
  ["one parcel per shipped order", (books) => books.provider.parcels.push({ orderId: "card" })],
  ["no parcel for an undone order", (books) => books.provider.parcels.push({ orderId: "undone" })],
  ["every mail at least once", (books) => books.provider.mails.shift()],
  [
    "a repeated mail is the same mail",
    (books) => books.provider.mails.push({ ...books.provider.mails[0]!, messageId: "<other>" }),
  ],
  [
    "no mail to anybody else",
    (books) => Object.assign(books.provider.mails[0]!, { recipients: ["evil@example.test"] }),
  ],
];

test.each(planted)("a planted violation is found: %s", (rule, plant) => {
  const books = healthy();
  plant(books);
  expect(checkInvariants(books).map((violation) => violation.rule)).toContain(rule);
});

test("the same mail twice is allowed: at least once means that", () => {
  const books = healthy();
  books.provider.mails.push({ ...books.provider.mails[0]! });
  expect(checkInvariants(books)).toEqual([]);
});

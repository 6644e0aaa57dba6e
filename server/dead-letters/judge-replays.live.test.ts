import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { OrderStatus } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { judge } from "./judge-replays.ts";
import { type PlantedLetter, plantLetters, plantOrders } from "./test-letters.ts";

testDatabase();

const summary = {
  number: 1,
  country: "DE",
  category: "kitchen",
  paymentMethod: "prepaid",
  totalCents: 1_000,
  currency: "EUR",
  isTest: false,
};
const lines = [{ sku: "TEA-POT", name: "Tea pot", quantity: 1, unitPriceCents: 1_000 }];
const address = { name: "Ada", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE" };
const placed = {
  ...{ customerId: randomUUID(), lines, shippingAddress: address, express: false, paymentToken: "tok" },
  order: summary,
};

let orderId: string;
const order = async (status: OrderStatus = "placed") => {
  [orderId] = (await plantOrders(1, () => ({ status }))) as [string];
  return orderId;
};
const verdictOn = async (wish: Partial<PlantedLetter>) => {
  const [id] = await plantLetters(1, () => ({ orderId, ...wish }));
  return (await judge(db, [id!])).get(id!);
};
const event = (consumer: string, messageType: string, seq: number, data: object): Partial<PlantedLetter> => ({
  ...{ broker: "kafka", source: "order.events", consumer, messageType, seq },
  data: { order: summary, ...data },
});
const mail = (kind: string): Partial<PlantedLetter> => ({ data: { kind, orderNumber: 1 } });
const pay = async (status: "captured" | "refunded"): Promise<string> => {
  const id = randomUUID();
  await db.rows(sql`
    INSERT INTO payments (id, order_id, status, amount_cents, currency, charge_id, settled_at)
    VALUES (${id}::uuid, ${orderId}::uuid, ${status}, 1000, 'EUR', 'ch_1', '2026-11-21T12:00:00Z')`);
  return id;
};

test("safe: the worker has not done it, and the order goes on", async () => {
  await order("paid");
  expect(await verdictOn(mail("order_confirmed"))).toEqual({
    verdict: "safe",
    reason: "send-email has not done it yet; its order is “Paid”.",
  });
});

test("already done: the message is in the worker's inbox", async () => {
  const messageId = randomUUID();
  await db.rows(sql`INSERT INTO inbox VALUES ('send-email', ${messageId}::uuid, '2026-11-21T12:00:00Z')`);
  expect(await verdictOn({ ...mail("order_received"), messageId })).toMatchObject({
    verdict: "already_done",
    reason: expect.stringContaining("2026-11-21 12:00:00 UTC"),
  });
  expect(await verdictOn({ ...mail("order_received"), messageId, consumer: "keep-audit" })).toMatchObject({
    verdict: "safe",
  });
});

test("already done: the mail, the invoice and the webhook went out under another message", async () => {
  await order("paid");
  await db.rows(
    sql`INSERT INTO mails (order_id, kind, message_id, recipient, subject) VALUES (${orderId}::uuid, 'order_confirmed', 'm', 'a@b', 's')`,
  );
  expect(await verdictOn(mail("order_confirmed"))).toMatchObject({
    verdict: "already_done",
    reason: expect.stringMatching(/^The mail “Order confirmed” was sent at/),
  });
  expect(await verdictOn(mail("order_received"))).toMatchObject({ verdict: "safe" });

  const invoice = { consumer: "render-invoice", messageType: "invoice.render", data: { orderNumber: 1 } };
  expect(await verdictOn(invoice)).toMatchObject({ verdict: "safe" });
  await db.rows(
    sql`INSERT INTO documents (order_id, kind, number, content) VALUES (${orderId}::uuid, 'invoice', 1, 'pdf')`,
  );
  expect(await verdictOn(invoice)).toMatchObject({
    verdict: "already_done",
    reason: expect.stringMatching(/invoice of this order/),
  });

  const [endpointId, factId] = [randomUUID(), randomUUID()];
  const data = { endpointId, factId, factType: "payment.captured", occurredAt: new Date(), payload: {} };
  const webhook = { consumer: "deliver-webhook", messageType: "webhook.deliver", endpointId, data };
  expect(await verdictOn(webhook)).toMatchObject({ verdict: "safe" });
  await db.rows(
    sql`INSERT INTO webhook_endpoints (id, partner, url, secret) VALUES (${endpointId}::uuid, 'acme', 'http://x', '')`,
  );
  await db.rows(sql`
    INSERT INTO webhook_deliveries (endpoint_id, fact_id, order_id, fact_type, http_status)
    VALUES (${endpointId}::uuid, ${factId}::uuid, ${orderId}::uuid, 'payment.captured', 204)`);
  expect(await verdictOn(webhook)).toMatchObject({
    verdict: "already_done",
    reason: expect.stringMatching(/with 204/),
  });
  const other = { ...webhook, data: { ...data, factId: randomUUID() } };
  expect(await verdictOn(other)).toMatchObject({ verdict: "safe" });
});

test("order ended: a cancelled order is not carried on, but may be told of its end", async () => {
  await order("cancelled");
  await db.rows(sql`
    INSERT INTO order_sagas (order_id, status, deadline_at, cancel_reason, ended_at)
    VALUES (${orderId}::uuid, 'done', now(), 'out of stock', '2026-11-21T12:00:00Z')`);
  expect(await verdictOn(mail("order_confirmed"))).toEqual({
    verdict: "order_ended",
    reason:
      "The order was cancelled at 2026-11-21 12:00:00 UTC (out of stock): the mail “Order confirmed” would carry it on.",
  });
  expect(await verdictOn(mail("order_cancelled"))).toMatchObject({ verdict: "safe" });
  const reserve = event("reserve-stock", "payment.captured", 2, {
    paymentId: randomUUID(),
    chargeId: "ch",
    amountCents: 1_000,
  });
  expect(await verdictOn(reserve)).toMatchObject({ verdict: "order_ended" });
});

test("would charge twice: the money is ours, or went back already", async () => {
  await order("paid");
  await pay("captured");
  expect(await verdictOn(event("charge-payment", "order.placed", 1, placed))).toMatchObject({
    verdict: "would_charge_twice",
    reason: expect.stringMatching(/^10\.00 EUR of this order was captured at 2026-11-21 12:00:00 UTC/),
  });

  await order("cancelled");
  const payment = await pay("refunded");
  const refusal = event("order-saga", "shipping.failed", 4, { reason: "no such address" });
  expect(await verdictOn(refusal)).toMatchObject({ verdict: "safe" });
  await db.rows(sql`
    INSERT INTO refunds (key, payment_id, amount_cents, reason, settled_at)
    VALUES (${`refund:${payment}:1`}, ${payment}::uuid, 1000, 'x', now())`);
  expect(await verdictOn(refusal)).toMatchObject({
    verdict: "would_charge_twice",
    reason: expect.stringMatching(/went back/),
  });
});

test("superseded: the view is ahead, or the order has what the worker would bring", async () => {
  await order("shipped");
  await db.rows(sql`
    INSERT INTO order_views (order_id, number, status, customer_name, country, category, payment_method, total_cents, currency, is_test, last_seq,
                             status_seq, last_type, placed_at, changed_at)
    VALUES (${orderId}::uuid, 1, 'shipped', 'Ada', 'DE', 'kitchen', 'prepaid', 1000, 'EUR', false, 4, 4, 'shipping.created', now(), now())`);
  expect(await verdictOn(event("project-orders", "order.placed", 1, placed))).toMatchObject({
    verdict: "superseded",
    reason: expect.stringMatching(/event 4/),
  });
  const shipped = { shipmentId: randomUUID(), carrierId: "c", carrier: "DHL", trackingNumber: "1" };
  expect(await verdictOn(event("project-orders", "shipping.created", 4, shipped))).toMatchObject({ verdict: "safe" });
  expect(await verdictOn(event("create-shipment", "inventory.reserved", 3, { lines: [] }))).toMatchObject({
    verdict: "superseded",
    reason: expect.stringMatching(/“Shipped” already/),
  });
});

test("superseded: a worker without a rule of its own has taken a newer event of the order", async () => {
  await order("paid");
  const newer = randomUUID();
  await db.rows(sql`
    INSERT INTO outbox (event_id, topic, key, seq, type, version, source, correlation_id, occurred_at, data)
    VALUES (${newer}::uuid, 'order.events', ${orderId}, 7, 'order.delivered', 1, 'x', ${newer}::uuid, now(), '{}')`);
  const early = (consumer: string) => event(consumer, "order.placed", 1, placed);
  expect(await verdictOn(early("count-orders"))).toMatchObject({ verdict: "safe" });
  for (const consumer of ["count-orders", "dispatch-tasks"])
    await db.rows(sql`INSERT INTO inbox (consumer, message_id) VALUES (${consumer}, ${newer}::uuid)`);
  expect(await verdictOn(early("count-orders"))).toMatchObject({
    verdict: "superseded",
    reason: expect.stringMatching(/event 7/),
  });
  // Each fact asks for tasks of its own: a later one has not sent the mails of an earlier one.
  expect(await verdictOn(early("dispatch-tasks"))).toMatchObject({ verdict: "safe" });
});

const envelope = (more: object) => {
  const ids = { id: randomUUID(), orderId: randomUUID(), correlationId: randomUUID(), causationId: null };
  const data = { kind: "order_received", orderNumber: 1 };
  return Buffer.from(
    JSON.stringify({
      ...ids,
      type: "email.send",
      version: 1,
      seq: 0,
      occurredAt: new Date(),
      source: "x",
      data,
      ...more,
    }),
  );
};

test.each<[string, Buffer | null, RegExp]>([
  ["a tombstone", null, /null/],
  ["no UTF-8", Buffer.from([0xff, 0xfe]), /not JSON in UTF-8/],
  ["text with NUL", Buffer.from("a\0b"), /not JSON/],
  ["JSON of depth 100,000", Buffer.from("[".repeat(100_000) + "]".repeat(100_000)), /./],
  ["2 MiB", Buffer.alloc(2_097_152, "x"), /2,097,152 bytes are more than the 1,048,576 allowed/],
  ["no envelope", Buffer.from("{}"), /id:/],
  ["a type that nobody declared", envelope({ type: "email.burn" }), /email\.burn/],
  ["a newer version", envelope({ version: 2 }), /version 2 of email\.send is newer than ours, 1/],
  ["a field that does not fit", envelope({ data: { kind: "order_eaten", orderNumber: 1 } }), /kind/],
])("payload not valid: %s", async (_, body, reason) => {
  expect(await verdictOn({ body })).toEqual({ verdict: "payload_not_valid", reason: expect.stringMatching(reason) });
});

test("letters that are gone are left out", async () => {
  expect(await judge(db, [randomUUID()])).toEqual(new Map());
});

test("10,000 letters are judged at once", async () => {
  const orders = await plantOrders(5_000, (index) => ({ status: index % 2 ? "cancelled" : "paid" }));
  const ids = await plantLetters(10_000, (index) => ({ orderId: orders[index % 5_000], ...mail("order_confirmed") }));
  await db.rows(sql`ANALYZE`);
  const began = performance.now();
  const verdicts = await judge(db, ids);
  const ms = performance.now() - began;
  console.log(`judging 10,000 letters: ${ms.toFixed(0)} ms`);
  const counts = Map.groupBy(verdicts.values(), ({ verdict }) => verdict);
  expect([counts.get("safe")?.length, counts.get("order_ended")?.length]).toEqual([5_000, 5_000]);
  expect(ms).toBeLessThan(5_000);
});

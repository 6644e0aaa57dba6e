import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startSandbox } from "#sandbox/start-sandbox";
import { transaction } from "#server/messaging/transaction";
import { moveOrders } from "#server/orders/move-orders";
import { refund } from "#server/payments/payment-provider";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { workerStage } from "./worker-test-stage.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
const stage = workerStage(sandbox.url);
afterEach(() => stage.fault("payments", "ok"));
afterAll(() => sandbox.close());

const PRICE = 3450;
const booked = { "capture provider": PRICE, "capture orders": -PRICE };
const captured = (orderId: string) => [
  expect.objectContaining({ orderId, capturedCents: PRICE, refundedCents: 0, refunds: 0 }),
];
const charge = (orderId: string) => stage.tell(chargePayment, orderId, "order.placed");

describe("a prepaid order", () => {
  test("is charged once, although it is delivered 20 times at once and once more", async () => {
    const orderId = await stage.place();
    const delivery = await stage.delivery(chargePayment, orderId, "order.placed");
    const runs = await Promise.all(Array.from({ length: 20 }, () => stage.handle(chargePayment, [delivery])));
    expect([...runs, await charge(orderId)].flatMap(({ failed }) => failed)).toEqual([]);
    expect(await stage.charges(orderId)).toEqual(captured(orderId));
    expect(await stage.history(orderId)).toEqual(["order.placed", "payment.captured"]);
    expect(await stage.status(orderId)).toBe("paid");
    expect(await stage.entries(orderId)).toEqual(booked);
  });

  test.each([
    ["is away", "down"],
    ["hangs", "hang"],
    ["answers 500", "fail500"],
    ["asks for patience", "429"],
    ["answers nonsense", "garbage"],
    ["captures and answers 500", "fail_after_effect"],
    ["captures and never answers", "timeout_after_effect"],
  ])("is charged once when the provider %s and then recovers", async (_, mode) => {
    const orderId = await stage.place();
    await stage.fault("payments", mode);
    expect((await charge(orderId)).failed).toHaveLength(1);
    expect(await stage.history(orderId)).toEqual(["order.placed"]);
    expect(await stage.status(orderId)).toBe("placed");
    expect(await stage.entries(orderId)).toEqual({});
    expect(await stage.reminders(chargePayment)).toMatchObject([{ attempts: 1, type: "order.placed" }]);

    await stage.fault("payments", "ok");
    await stage.remind(chargePayment);
    expect(await stage.charges(orderId)).toEqual(captured(orderId));
    expect(await stage.history(orderId)).toEqual(["order.placed", "payment.captured"]);
    expect(await stage.entries(orderId)).toEqual(booked);
    expect(await stage.reminders(chargePayment)).toEqual([]);
  });

  test.each([
    ["has forgotten the key of yesterday", "25 hours"],
    ["repeats its failure for as long as it knows the key", "2 minutes"],
  ])("is not charged again when the provider %s", async (_, age) => {
    const orderId = await stage.place();
    await stage.fault("payments", "fail_after_effect");
    await charge(orderId);
    // With a key that the provider does not know a second try would charge again.
    await db.rows(sql`
      UPDATE payments SET id = gen_random_uuid(), created_at = now() - ${age}::interval WHERE order_id = ${orderId}::uuid`);
    await stage.fault("payments", "ok");
    await stage.remind(chargePayment);
    const [line, ...further] = await stage.charges(orderId);
    expect(further).toEqual([]);
    expect(await stage.said(orderId, "payment.captured")).toMatchObject({ chargeId: line!.id, amountCents: PRICE });
  });

  test.each([
    ["declined", "generic_decline"],
    ["insufficient", "insufficient_funds"],
  ])("whose card is %s ends, with the provider's reason", async (card, reason) => {
    const orderId = await stage.place({ card });
    expect((await charge(orderId)).failed).toEqual([]);
    await charge(orderId);
    expect(await stage.history(orderId)).toEqual(["order.placed", "payment.failed"]);
    expect(await stage.said(orderId, "payment.failed")).toMatchObject({ reason });
    expect(await stage.status(orderId)).toBe("payment_failed");
    expect(await stage.charges(orderId)).toMatchObject([{ capturedCents: 0 }]);
    expect(await stage.entries(orderId)).toEqual({});
  });

  test.each([
    ["wants its customer to confirm it", "pm_card_authenticationRequired", "authentication_required"],
    ["was used up before", "pm_used_up", "payment_method_not_accepted"],
  ])("whose card %s ends, and nothing can be charged later", async (_, token, reason) => {
    const orderId = await stage.place();
    await db.rows(sql`UPDATE orders SET payment_token = ${token} WHERE id = ${orderId}::uuid`);
    expect((await charge(orderId)).failed).toEqual([]);
    expect(await stage.said(orderId, "payment.failed")).toMatchObject({ reason });
    expect(await stage.status(orderId)).toBe("payment_failed");
    for (const line of await stage.charges(orderId))
      expect(line).toMatchObject({ status: "canceled", capturedCents: 0 });
  });

  test("that was cancelled before is never charged", async () => {
    const orderId = await stage.place();
    await transaction({ source: "test" }, (tx) => moveOrders(tx, [orderId], "cancelled"));
    expect((await charge(orderId)).failed).toEqual([]);
    expect(await stage.charges(orderId)).toEqual([]);
    expect(await stage.history(orderId)).toEqual(["order.placed"]);
  });

  test("that is cancelled while the provider is asked stays cancelled, and its money is told of", async () => {
    const orderId = await stage.place();
    await stage.fault("payments", "slow");
    const charged = charge(orderId);
    const asked = sql`SELECT 1 AS one FROM payments WHERE order_id = ${orderId}::uuid`;
    await expect.poll(() => db.rows(asked), { interval: 10 }).toHaveLength(1);
    await transaction({ source: "test" }, (tx) => moveOrders(tx, [orderId], "cancelled"));
    expect((await charged).failed).toEqual([]);
    expect(await stage.status(orderId)).toBe("cancelled");
    expect(await stage.charges(orderId)).toEqual(captured(orderId));
    expect(await stage.history(orderId)).toEqual(["order.placed", "payment.captured"]);
    expect(await stage.entries(orderId)).toEqual(booked);
  });
});

test("an order paid on delivery goes on without a call to the provider", async () => {
  const orderId = await stage.place({ paymentMethod: "cod" });
  await stage.fault("payments", "down");
  expect((await charge(orderId)).failed).toEqual([]);
  expect(await stage.history(orderId)).toEqual(["order.placed", "payment.deferred"]);
  expect(await stage.status(orderId)).toBe("placed");
  expect(await stage.charges(orderId)).toEqual([]);
  expect(await stage.entries(orderId)).toEqual({});
});

test("a refund whose key the provider has forgotten is found, not made again", async () => {
  const orderId = await stage.place();
  await charge(orderId);
  const [line] = await stage.charges(orderId);
  const ask = { chargeId: line!.id, amountCents: PRICE };
  expect(await refund({ ...ask, key: "forgotten" })).toBe(await refund({ ...ask, key: "today's" }));
  expect(await stage.charges(orderId)).toMatchObject([{ refundedCents: PRICE, refunds: 1 }]);
});

test("an order on delivery that was cancelled before is not confirmed", async () => {
  const orderId = await stage.place({ paymentMethod: "cod" });
  await transaction({ source: "test" }, (tx) => moveOrders(tx, [orderId], "cancelled"));
  expect((await charge(orderId)).failed).toEqual([]);
  expect(await stage.history(orderId)).toEqual(["order.placed"]);
});

test("orders of one batch each get their own outcome", async () => {
  const cards = ["ok", "declined", "ok", "insufficient", "ok"];
  const prepaid = await Promise.all(cards.map((card) => stage.place({ card })));
  const orders = [...prepaid, await stage.place({ paymentMethod: "cod" })];
  const batch = await Promise.all(orders.map((id) => stage.delivery(chargePayment, id, "order.placed")));
  const { failed, emitted } = await stage.handle(chargePayment, batch);
  expect(failed).toEqual([]);
  expect(emitted.map(({ key }) => key)).toEqual(orders);
  expect(emitted.map(({ type }) => type)).toEqual([
    "payment.captured",
    "payment.failed",
    "payment.captured",
    "payment.failed",
    "payment.captured",
    "payment.deferred",
  ]);
});

test("the entries of every payment sum to zero", async () => {
  const open = await db.rows(sql`
    SELECT payment_id FROM ledger_entries GROUP BY payment_id, currency HAVING sum(amount_cents) <> 0`);
  expect(open).toEqual([]);
  const [books] = await db.rows<{ captured: number; provider: number }>(sql`
    SELECT (SELECT count(*) FROM payments WHERE status = 'captured') * ${PRICE}::int AS captured,
           (SELECT sum(amount_cents)::bigint FROM ledger_entries WHERE account = 'provider') AS provider`);
  expect(books?.provider).toBe(books?.captured);
  expect(books?.provider).toBeGreaterThan(0);
});

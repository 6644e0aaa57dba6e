import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startSandbox } from "#sandbox/start-sandbox";
import { prepareShipments } from "#server/fulfilment/shipments";
import { transaction } from "#server/messaging/transaction";
import { moveOrders } from "#server/orders/move-orders";
import { preparePayments } from "#server/payments/payments";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { createShipment } from "./create-shipment.ts";
import { orderSaga } from "./order-saga.ts";
import { reserveStockWorker } from "./reserve-stock.ts";
import { workerStage } from "./worker-test-stage.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0, deliveryMs: 400 });
// A deadline of 20 ms, a look after a parcel every 60 ms.
const stage = workerStage(sandbox.url, { TIME_SCALE: "0.001", ORDER_DEADLINE_MS: "20000" });
afterEach(async () => {
  await Promise.all([stage.fault("payments", "ok"), stage.fault("shipping", "ok")]);
  await db.rows(sql`DELETE FROM reminders`);
});
afterAll(() => sandbox.close());

type Wish = Parameters<typeof stage.place>[0];
const { tell } = stage;
const undone = { "capture provider": 3450, "capture orders": -3450, "refund provider": -3450, "refund orders": 3450 };
const refunded = [expect.objectContaining({ capturedCents: 3450, refundedCents: 3450, refunds: 1 })];

/** Orders brought to a certain step, their saga open. */
async function placed(wish: Wish = {}): Promise<string> {
  const orderId = await stage.place(wish);
  await tell(orderSaga, orderId, "order.placed");
  return orderId;
}
async function paid(wish: Wish = {}): Promise<string> {
  const orderId = await placed(wish);
  await tell(chargePayment, orderId, "order.placed");
  return orderId;
}
async function reserved(wish: Wish = {}): Promise<string> {
  const orderId = await paid(wish);
  await tell(reserveStockWorker, orderId, wish.paymentMethod === "cod" ? "payment.deferred" : "payment.captured");
  return orderId;
}
const soldOut = (wish: Wish = {}) => reserved({ sku: "SOLD-OUT", ...wish });

const saga = async (orderId: string) =>
  (
    await db.rows<{ status: string; isStuck: boolean }>(sql`
      SELECT status, stuck_since IS NOT NULL AS "isStuck" FROM order_sagas WHERE order_id = ${orderId}::uuid`)
  )[0];
const available = async (sku: string) =>
  (await db.rows<{ available: number }>(sql`SELECT available FROM stock WHERE sku = ${sku}`))[0]!.available;
const since = async (orderId: string, steps: number) => (await stage.history(orderId)).slice(steps);

describe("an order that can't be supplied", () => {
  test("gets its money back once and is cancelled once, although its saga hears it 20 times at once", async () => {
    const orderId = await soldOut();
    const delivery = await stage.delivery(orderSaga, orderId, "inventory.rejected");
    const runs = await Promise.all(Array.from({ length: 20 }, () => stage.handle(orderSaga, [delivery])));
    expect(runs.flatMap(({ failed }) => failed)).toEqual([]);
    expect(await stage.history(orderId)).toEqual([
      "order.placed",
      "payment.captured",
      "inventory.rejected",
      "payment.refunded",
      "order.cancelled",
    ]);
    expect(await stage.said(orderId, "order.cancelled")).toMatchObject({ reason: "out of stock" });
    expect(await stage.status(orderId)).toBe("cancelled");
    expect(await stage.charges(orderId)).toMatchObject([{ capturedCents: 4900, refundedCents: 4900, refunds: 1 }]);
    expect(await saga(orderId)).toEqual({ status: "done", isStuck: false });
  });

  test("is cancelled without a refund when nothing was paid", async () => {
    const orderId = await soldOut({ paymentMethod: "cod" });
    await tell(orderSaga, orderId, "inventory.rejected");
    expect(await since(orderId, 2)).toEqual(["inventory.rejected", "order.cancelled"]);
    expect(await stage.charges(orderId)).toEqual([]);
  });

  test.each(["down", "fail500", "fail_after_effect", "garbage"])(
    "is not told cancelled before its money went back, when the provider meets it with %s",
    async (mode) => {
      const orderId = await soldOut();
      await db.rows(sql`DELETE FROM reminders`);
      await stage.fault("payments", mode);
      expect((await tell(orderSaga, orderId, "inventory.rejected")).failed).toHaveLength(1);
      expect(await since(orderId, 3)).toEqual([]);
      expect(await stage.status(orderId)).toBe("cancelled");
      expect(await saga(orderId)).toMatchObject({ status: "compensating" });

      await stage.fault("payments", "ok");
      await stage.remind(orderSaga);
      expect(await since(orderId, 3)).toEqual(["payment.refunded", "order.cancelled"]);
      expect(await stage.charges(orderId)).toMatchObject([{ refundedCents: 4900, refunds: 1 }]);
    },
  );
});

describe("an order that the carrier refuses", () => {
  test("frees its goods, gets its money back and is cancelled, in that order", async () => {
    const before = await available("TEA-POT");
    const orderId = await reserved({ line1: "UNDELIVERABLE 1" });
    await tell(createShipment, orderId, "inventory.reserved");
    expect(await available("TEA-POT")).toBe(before - 1);
    await tell(orderSaga, orderId, "shipping.failed");
    await tell(orderSaga, orderId, "shipping.failed");
    expect(await since(orderId, 3)).toEqual([
      "shipping.failed",
      "inventory.released",
      "payment.refunded",
      "order.cancelled",
    ]);
    expect(await stage.said(orderId, "order.cancelled")).toMatchObject({ reason: "nobody lives there" });
    expect(await available("TEA-POT")).toBe(before);
    expect(await stage.charges(orderId)).toEqual(refunded);
    expect(await stage.entries(orderId)).toEqual(undone);
  });
});

test("money that comes after the order was cancelled goes back", async () => {
  const orderId = await placed();
  await stage.fault("payments", "slow");
  const charged = tell(chargePayment, orderId, "order.placed");
  const asked = sql`SELECT 1 AS one FROM payments WHERE order_id = ${orderId}::uuid`;
  await expect.poll(() => db.rows(asked), { interval: 10 }).toHaveLength(1);
  await transaction({ source: "test" }, (tx) => moveOrders(tx, [orderId], "cancelled"));
  await charged;
  await tell(orderSaga, orderId, "payment.captured");
  expect(await since(orderId, 1)).toEqual(["payment.captured", "payment.refunded", "order.cancelled"]);
  expect(await stage.charges(orderId)).toEqual(refunded);
  expect(await stage.entries(orderId)).toEqual(undone);
});

describe("an order that was cancelled while nobody knew whether its money was taken", () => {
  async function cancelledAfter(mode: string): Promise<string> {
    const orderId = await placed();
    await stage.fault("payments", mode);
    expect((await tell(chargePayment, orderId, "order.placed")).failed).toHaveLength(1);
    await transaction({ source: "test" }, (tx) => moveOrders(tx, [orderId], "cancelled"));
    return orderId;
  }

  test.each(["fail_after_effect", "timeout_after_effect", "down"])(
    "is asked about with the same key, and the money goes back once, after the provider met it with %s",
    async (mode) => {
      const orderId = await cancelledAfter(mode);
      await stage.fault("payments", "ok");
      await stage.remind(chargePayment);
      await tell(orderSaga, orderId, "payment.captured");
      await tell(orderSaga, orderId, "payment.captured");
      expect(await since(orderId, 1)).toEqual(["payment.captured", "payment.refunded", "order.cancelled"]);
      expect(await stage.charges(orderId)).toEqual(refunded);
      expect(await stage.entries(orderId)).toEqual(undone);
      expect(await stage.status(orderId)).toBe("cancelled");
    },
  );

  test("is asked about again and again while the outcome stays open", async () => {
    const orderId = await cancelledAfter("fail_after_effect");
    await stage.remind(chargePayment);
    expect(await stage.reminders(chargePayment)).toMatchObject([{ attempts: 2, type: "order.placed" }]);
    expect(await since(orderId, 1)).toEqual([]);
  });

  test("gets nothing back when the card turns out to be declined", async () => {
    const orderId = await cancelledAfter("fail500");
    await stage.fault("payments", "decline");
    await stage.remind(chargePayment);
    expect(await since(orderId, 1)).toEqual(["payment.failed"]);
    expect(await stage.charges(orderId)).toMatchObject([{ capturedCents: 0, refunds: 0 }]);
    expect(await stage.status(orderId)).toBe("cancelled");
  });
});

describe("at its deadline", () => {
  test("an order that nobody charged is cancelled, and never charged afterwards", async () => {
    const orderId = await placed();
    await stage.remind(orderSaga);
    expect(await since(orderId, 1)).toEqual(["order.cancelled"]);
    expect(await stage.said(orderId, "order.cancelled")).toMatchObject({ reason: "still placed at its deadline" });
    await tell(chargePayment, orderId, "order.placed");
    expect(await stage.charges(orderId)).toEqual([]);
    expect(await stage.reminders(orderSaga)).toEqual([]);
  });

  test("an order that is paid and waits for its goods gets its money back, and no goods afterwards", async () => {
    const before = await available("TEA-POT");
    const orderId = await paid();
    await stage.remind(orderSaga);
    expect(await since(orderId, 2)).toEqual(["payment.refunded", "order.cancelled"]);
    await tell(reserveStockWorker, orderId, "payment.captured");
    expect(await available("TEA-POT")).toBe(before);
    expect(await stage.entries(orderId)).toEqual(undone);
  });

  test("an order whose goods wait for the carrier is undone, and never handed over afterwards", async () => {
    const before = await available("TEA-POT");
    const orderId = await reserved();
    await stage.remind(orderSaga);
    expect(await since(orderId, 3)).toEqual(["inventory.released", "payment.refunded", "order.cancelled"]);
    await tell(createShipment, orderId, "inventory.reserved");
    expect(await stage.parcels(orderId)).toEqual([]);
    expect(await available("TEA-POT")).toBe(before);
  });

  test.each([
    ["charge", "payments", placed, chargePayment, "order.placed", "placed"],
    ["parcel", "shipping", reserved, createShipment, "inventory.reserved", "reserved"],
  ] as const)("an order whose %s is under way is stuck, not cancelled", async (_, system, at, worker, type, status) => {
    const orderId = await at();
    await stage.fault(system, "timeout_after_effect");
    const underWay = tell(worker, orderId, type);
    const asked = sql`
      SELECT 1 AS one FROM payments WHERE order_id = ${orderId}::uuid AND status = 'pending'
      UNION ALL SELECT 1 FROM shipments WHERE order_id = ${orderId}::uuid AND status = 'pending'`;
    await expect.poll(() => db.rows(asked), { interval: 10 }).toHaveLength(1);
    await stage.remind(orderSaga);
    expect(await stage.status(orderId)).toBe(status);
    expect(await saga(orderId)).toEqual({ status: "running", isStuck: true });
    expect(await stage.reminders(orderSaga)).toMatchObject([{ attempts: 0, type: "order.deadline" }]);
    expect((await underWay).failed).toHaveLength(1);
    expect(await stage.history(orderId)).not.toContain("order.cancelled");
  });

  test.each([
    ["charged", placed, preparePayments],
    ["handed over", reserved, prepareShipments],
  ] as const)("an order that begins to be %s in that very moment is stuck, not cancelled", async (_, at, prepare) => {
    const orderId = await at();
    const begun = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const beginning = transaction({ source: "test" }, async (tx) => {
      await prepare(tx, [orderId]);
      begun.resolve();
      await commit.promise;
    });
    await begun.promise;
    const reminded = stage.remind(orderSaga);
    const waiting = sql`SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect
      .poll(() => db.rows(waiting), { interval: 10, timeout: 5_000 })
      .not.toEqual([])
      .finally(commit.resolve);
    await Promise.all([beginning, reminded]);
    expect(await stage.status(orderId)).not.toBe("cancelled");
    expect(await saga(orderId)).toEqual({ status: "running", isStuck: true });
  });

  test("an order on its way is left alone, and its saga has ended", async () => {
    const orderId = await reserved();
    await tell(createShipment, orderId, "inventory.reserved");
    await tell(orderSaga, orderId, "shipping.created");
    await stage.remind(orderSaga);
    expect(await stage.history(orderId)).not.toContain("order.cancelled");
    expect(await stage.status(orderId)).toBe("shipped");
    expect(await saga(orderId)).toEqual({ status: "done", isStuck: false });
  });
});

test("a parcel is looked after until the carrier says that it was handed over, and that is said once", async () => {
  const orderId = await reserved();
  await tell(createShipment, orderId, "inventory.reserved");
  await db.rows(sql`DELETE FROM reminders`);
  await tell(orderSaga, orderId, "shipping.created");
  expect(await stage.reminders(orderSaga)).toMatchObject([{ type: "order.delivery_check" }]);
  const look = async () => {
    await stage.deliverDue(orderSaga);
    return stage.status(orderId);
  };
  await expect.poll(look, { interval: 20, timeout: 10_000 }).toBe("delivered");
  await tell(orderSaga, orderId, "shipping.created");
  expect(await since(orderId, 3)).toEqual(["shipping.created", "order.delivered"]);
  expect(await stage.reminders(orderSaga)).toEqual([]);
  const [shipment] = await db.rows(sql`SELECT status FROM shipments WHERE order_id = ${orderId}::uuid`);
  expect(shipment).toEqual({ status: "delivered" });
});

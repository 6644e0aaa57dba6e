import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { orderCancelled } from "#contracts/messages/orders";
import { paymentCaptured } from "#contracts/messages/payments";
import { startSandbox } from "#sandbox/start-sandbox";
import type { Delivery } from "#server/messaging/handle";
import { transaction } from "#server/messaging/transaction";
import { rebuildOrderViews } from "#server/orders/project-orders";
import { summarize } from "#server/orders/saga";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { createShipment } from "./create-shipment.ts";
import { orderSaga } from "./order-saga.ts";
import { projectOrdersWorker } from "./project-orders.ts";
import { reserveStockWorker } from "./reserve-stock.ts";
import { workerStage } from "./worker-test-stage.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0, deliveryMs: 1 });
const stage = workerStage(sandbox.url, { TIME_SCALE: "0.001" });
afterAll(() => sandbox.close());

const { tell } = stage;
let deliveries: Delivery[];
let live: Awaited<ReturnType<typeof shown>>;

/** What the dashboard shows: every order's view, and how many orders have which status. */
async function shown() {
  const views = await db.rows<{ order_id: string; status: string }>(sql`SELECT * FROM order_views ORDER BY order_id`);
  const counts = await db.rows<{ status: string; orders: number }>(
    sql`SELECT status, orders FROM order_status_counts WHERE orders <> 0 ORDER BY status`,
  );
  return { views, counts: Object.fromEntries(counts.map(({ status, orders }) => [status, orders])) };
}

const project = async (batch: readonly Delivery[]) =>
  expect((await stage.handle(projectOrdersWorker, batch)).failed).toEqual([]);

async function forget(): Promise<void> {
  await db.rows(sql`TRUNCATE order_views, order_status_counts`);
  await db.rows(sql`DELETE FROM inbox WHERE consumer = ${projectOrdersWorker.name}`);
}

async function historyOf(orderIds: readonly string[]): Promise<Delivery[]> {
  const told = await Promise.all(
    orderIds.map(async (orderId) =>
      (await stage.history(orderId)).map((type) => stage.delivery(projectOrdersWorker, orderId, type)),
    ),
  );
  return Promise.all(told.flat());
}

/** A shop with an order at every end that there is, and one at every step on the way. */
async function liveShop(): Promise<string[]> {
  const orders: Record<string, string> = {};
  for (const [end, wish] of Object.entries({
    placed: {},
    paid: {},
    reserved: {},
    shipped: {},
    delivered: {},
    declined: { card: "declined" },
    soldOut: { sku: "SOLD-OUT" },
    refused: { line1: "UNDELIVERABLE 1" },
  }))
    orders[end] = await stage.place(wish);
  const { placed: _, ...charged } = orders;
  for (const orderId of Object.values(charged)) await tell(chargePayment, orderId, "order.placed");
  const { reserved, shipped, delivered, declined, soldOut, refused } = charged as Record<string, string>;
  for (const orderId of [reserved, shipped, delivered, soldOut, refused])
    await tell(reserveStockWorker, orderId!, "payment.captured");
  for (const orderId of [shipped, delivered, refused]) await tell(createShipment, orderId!, "inventory.reserved");
  await tell(orderSaga, declined!, "payment.failed");
  await tell(orderSaga, soldOut!, "inventory.rejected");
  await tell(orderSaga, refused!, "shipping.failed");
  await tell(orderSaga, delivered!, "shipping.created");
  await stage.remind(orderSaga);
  return Object.values(orders);
}

beforeAll(async () => {
  deliveries = await historyOf(await liveShop());
  for (const delivery of deliveries) await project([delivery]);
  live = await shown();
});

test("every order is shown with the status it has, and counted once", async () => {
  const truth = await db.rows(sql`SELECT id, status FROM orders ORDER BY id`);
  expect(live.views.map(({ order_id: id, status }) => ({ id, status }))).toEqual(truth);
  expect(live.counts).toEqual({
    placed: 1,
    paid: 1,
    reserved: 1,
    shipped: 1,
    delivered: 1,
    payment_failed: 1,
    cancelled: 2,
  });
});

test("events that come twice, in any order and in batches of any size show the same", { timeout: 90_000 }, async () => {
  const some = () => fc.shuffledSubarray(deliveries, { minLength: 0 });
  const all = () => fc.shuffledSubarray(deliveries, { minLength: deliveries.length });
  await fc.assert(
    fc.asyncProperty(some(), all(), fc.integer({ min: 1, max: deliveries.length }), async (first, rest, size) => {
      await forget();
      await project(first);
      for (let start = 0; start < rest.length; start += size) await project(rest.slice(start, start + size));
      expect(await shown()).toEqual(live);
    }),
    { numRuns: 40 },
  );
});

test("the same batch in 10 processes at once is counted once", async () => {
  await forget();
  await Promise.all(Array.from({ length: 10 }, () => project(deliveries)));
  expect(await shown()).toEqual(live);
});

test("views made again from the history are those that were kept live", async () => {
  await forget();
  expect(await rebuildOrderViews()).toBe(deliveries.length);
  expect(await shown()).toEqual(live);
});

test("views made again while events come in are right, too", async () => {
  await forget();
  const half = Math.floor(deliveries.length / 2);
  await project(deliveries.slice(0, half));
  await Promise.all([rebuildOrderViews(), ...deliveries.slice(half).map((delivery) => project([delivery]))]);
  expect(await shown()).toEqual(live);
});

test("money that comes after the end does not bring an order back, whichever is heard first", async () => {
  await forget();
  const orderId = await stage.place();
  const cause = { orderId, correlationId: orderId };
  await transaction({ source: "test" }, async (tx, emit) => {
    const order = (await summarize(tx, [orderId])).get(orderId)!;
    emit(orderCancelled, cause, { order, reason: "too late" });
    emit(paymentCaptured, cause, { order, paymentId: orderId, amountCents: 3450, chargeId: "pi_1" });
  });
  const [placed, cancelled, captured] = (await historyOf([orderId])) as [Delivery, Delivery, Delivery];
  for (const heard of [
    [[placed], [cancelled], [captured]],
    [[captured], [placed], [cancelled]],
    [[cancelled], [captured], [placed]],
    [[placed, captured], [cancelled]],
    [[placed], [cancelled, captured]],
    [[placed, cancelled, captured]],
  ]) {
    await forget();
    for (const batch of heard) await project(batch);
    expect((await shown()).counts).toEqual({ cancelled: 1 });
  }
});

import { createHash } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { type CheckoutReply, type CheckoutRequest, demoCards } from "#contracts/api/checkout";
import { isInfrastructure } from "#server/messaging/infrastructure";
import { microBatch } from "#server/messaging/micro-batch";
import { wakeRelay } from "#server/messaging/wake-relay";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";
import { processWide } from "#server/platform/process-wide";
import { findByKey, type OrderToPlace, type Placement, placeOrdersStatement } from "./place-order-statement.ts";

/** Orders in one statement; two statements at a time. */
const BATCH = 64;
const AT_ONCE = 2;
/** Callers who wait; past that the answer is 503 at once, instead of late. */
const QUEUE = 2_000;

export type PlacedOrder = { reply: CheckoutReply; isReplay: boolean };

/**
 * Takes an order. When this resolves the order is durable and will reach a final state; nothing outside of PostgreSQL
 * was asked. Calls made at the same time share a statement and a commit.
 *
 * @param idempotencyKey the same caller, key and body give the same answer, however often and however parallel.
 * @throws Problem 422 for another body under a known key, an unknown SKU or customer; 503 while the database is away.
 */
export async function placeOrder(
  body: CheckoutRequest,
  { caller, idempotencyKey }: { caller: string; idempotencyKey: string },
): Promise<PlacedOrder> {
  const order = toPlace(body, `${caller}:${idempotencyKey}`);
  const placement = await place(order).catch((error: unknown) => {
    throw isInfrastructure(error) ? unavailable() : error;
  });
  if (placement.isPlaced) {
    wakeRelay();
    return { reply: { orderId: order.id, status: "pending" }, isReplay: false };
  }
  return answerUnplaced(order, placement);
}

/** Not placed: because it was before, or because it can't be. */
async function answerUnplaced(order: OrderToPlace, placement: Placement): Promise<PlacedOrder> {
  // Also for an order that could not be placed today: a known key gets its first answer, whatever became of the catalogue.
  const known = await findByKey(db, order.idempotencyKey);
  if (known) {
    if (!known.requestHash.equals(order.requestHash))
      throw new Problem(422, "idempotency_key_reused", "This Idempotency-Key was used for a different order.");
    return { reply: { orderId: known.orderId, status: "pending" }, isReplay: true };
  }
  if (placement.isUnknownCustomer) throw invalid("customerId", "no such customer");
  if (placement.unknownSkus.length > 0)
    throw invalid("lines", `not in the catalogue: ${placement.unknownSkus.join(", ")}`);
  if (placement.currencies > 1) throw invalid("lines", "the goods are priced in different currencies");
  throw invalid("lines", "the order's total is out of range");
}

function toPlace(body: CheckoutRequest, idempotencyKey: string): OrderToPlace {
  const { paymentMethod, paymentToken, card } = body;
  if (card && !env().SANDBOX_URL) throw invalid("card", "demo cards need the sandbox; send a paymentToken");
  return {
    ...body,
    id: uuidv7(),
    eventId: uuidv7(),
    occurredAt: new Date().toISOString(),
    paymentToken: paymentMethod === "cod" ? null : (paymentToken ?? demoCards[card ?? "ok"]),
    idempotencyKey,
    requestHash: createHash("sha256").update(JSON.stringify(body)).digest(),
  };
}

const invalid = (path: string, message: string) =>
  new Problem(422, "order_not_valid", `${path}: ${message}`, { more: { errors: [{ path, message }] } });

const unavailable = () =>
  new Problem(
    503,
    "checkout_unavailable",
    "Orders can't be stored right now. Nothing was ordered; try again with the same Idempotency-Key.",
    {
      headers: { "retry-after": "1" },
    },
  );

/** SQLSTATE class 40: the statement lost against another one, e.g. in a deadlock. Alone it may win. */
const isLostRace = (error: unknown): boolean => /^40/.test(String((error as { code?: unknown }).code));

/**
 * One batcher per process, shared by the custom server and the route file. When the database is away nobody is tried again:
 * one by one, the last of a batch would wait for minutes.
 */
const place = (order: OrderToPlace): Promise<Placement> =>
  processWide("place-order", () =>
    microBatch<OrderToPlace, Placement>({
      maxItems: BATCH,
      maxConcurrent: AT_ONCE,
      maxQueued: QUEUE,
      tooMany: unavailable,
      fallBack: (error) => !isInfrastructure(error) || isLostRace(error),
      run: async (orders) => {
        const rows = await db.rows<Placement>(placeOrdersStatement(orders));
        return rows.toSorted((a, b) => a.place - b.place);
      },
    }),
  )(order);

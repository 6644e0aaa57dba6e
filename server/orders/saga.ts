import type { OrderSummary } from "#contracts/message";
import type { OrderStatus } from "#contracts/vocabulary";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { lockOrders, moveOrders } from "./move-orders.ts";

/** Opens the memory of a saga; the second time changes nothing. */
export async function openSagas(tx: Tx, orderIds: readonly string[], deadlineMs: number): Promise<void> {
  await tx.rows(sql`
    INSERT INTO order_sagas (order_id, deadline_at)
    SELECT id, now() + ${deadlineMs} * interval '1 millisecond' FROM unnest(${orderIds}::uuid[]) AS o(id)
    ON CONFLICT DO NOTHING`);
}

/** The order got where it should be, or ended; nothing more is watched. Takes effect once: returns the orders it did so for. */
export async function endSagas(tx: Tx, orderIds: readonly string[]): Promise<Set<string>> {
  if (orderIds.length === 0) return new Set();
  const rows = await tx.rows<{ orderId: string }>(sql`
    UPDATE order_sagas SET status = 'done', stuck_since = NULL, ended_at = now()
     WHERE order_id = ANY(${orderIds}::uuid[]) AND status <> 'done'
    RETURNING order_id AS "orderId"`);
  return new Set(rows.map((row) => row.orderId));
}

/**
 * Turns orders round: no further step may be taken from here on, since their status is `cancelled`. What was done is
 * undone afterwards; `order.cancelled` is said when all of it is.
 */
export async function beginCompensation(tx: Tx, wanted: readonly { orderId: string; reason: string }[]): Promise<void> {
  if (wanted.length === 0) return;
  await moveOrders(
    tx,
    wanted.map((one) => one.orderId),
    "cancelled",
  );
  await tx.rows(sql`
    INSERT INTO order_sagas (order_id, status, deadline_at, cancel_reason)
    SELECT order_id, 'compensating', now(), reason
      FROM unnest(${wanted.map((one) => one.orderId)}::uuid[], ${wanted.map((one) => one.reason)}::text[]) AS w(order_id, reason)
    ON CONFLICT (order_id) DO UPDATE SET status = 'compensating', cancel_reason = excluded.cancel_reason
     WHERE order_sagas.status <> 'done'`);
}

/** What an order looks like at its deadline: enough to decide whether it can be undone for sure. */
export type LateOrder = {
  orderId: string;
  status: OrderStatus;
  /** A call to the provider or carrier may be under way: its outcome is not known. */
  isInFlight: boolean;
};

/** Locks the orders and looks what is under way; the decision made on it holds until the transaction ends. */
export async function inspectLateOrders(tx: Tx, orderIds: readonly string[]): Promise<LateOrder[]> {
  if (orderIds.length === 0) return [];
  // Locked in a statement of their own: the next one then sees what somebody began while this one waited.
  await lockOrders(tx, orderIds);
  return tx.rows<LateOrder>(sql`
    SELECT o.id AS "orderId", o.status,
           (o.status = 'placed' AND EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = 'pending'))
        OR (o.status = 'reserved' AND EXISTS (SELECT 1 FROM shipments s WHERE s.order_id = o.id AND s.status = 'pending')) AS "isInFlight"
      FROM orders o WHERE o.id = ANY(${orderIds}::uuid[])`);
}

/** The order should be further by now and can't be undone for sure: an operator should look. */
export async function markStuck(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.rows(sql`
    UPDATE order_sagas SET stuck_since = coalesce(stuck_since, now())
     WHERE order_id = ANY(${orderIds}::uuid[]) AND status = 'running'`);
}

/** The summary every event of an order carries, for facts that follow from no other event. */
export async function summarize(tx: Tx, orderIds: readonly string[]): Promise<Map<string, OrderSummary>> {
  const rows = await tx.rows<OrderSummary & { id: string }>(sql`
    SELECT id, number, country, category, payment_method AS "paymentMethod", total_cents AS "totalCents", currency, is_test AS "isTest"
      FROM orders WHERE id = ANY(${orderIds}::uuid[])`);
  return new Map(rows.map(({ id, ...summary }) => [id, summary]));
}

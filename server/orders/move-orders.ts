import type { OrderStatus } from "#contracts/vocabulary";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { allowedFrom } from "./order-status.ts";

export type LockedOrder = { id: string; status: OrderStatus };

/** Locks orders until the transaction ends, in id order, so that two workers can't wait in a circle. */
export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, OrderStatus>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.rows<LockedOrder>(sql`
    SELECT id, status FROM orders WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`);
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** Moves those orders that may take the step, and tells which did. The guard sits in the write itself. */
export async function moveOrders(tx: Tx, ids: readonly string[], to: OrderStatus): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.rows<{ id: string }>(sql`
    WITH locked AS (SELECT id, status FROM orders WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE)
    UPDATE orders o SET status = ${to} FROM locked
     WHERE o.id = locked.id AND locked.status = ANY(${allowedFrom(to)}::text[])
    RETURNING o.id`);
  return new Set(rows.map(({ id }) => id));
}

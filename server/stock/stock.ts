import type { InventoryUpdated } from "#contracts/messages/stock";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { type Decision, decideReservations, type Line, type Wish } from "./decide-reservations.ts";

/** The stock levels after a movement, one per SKU touched. */
export type Levels = InventoryUpdated[];

/** The lines of orders, as they were bought. */
export async function listLines(tx: Tx, orderIds: readonly string[]): Promise<Map<string, Line[]>> {
  const rows = await tx.rows<Line & { orderId: string }>(sql`
    SELECT order_id AS "orderId", sku, quantity FROM order_lines
     WHERE order_id = ANY(${orderIds}::uuid[]) ORDER BY order_id, line_number`);
  return new Map([...Map.groupBy(rows, (row) => row.orderId)].map(([id, lines]) => [id, lines]));
}

/**
 * Sets pieces aside for a batch of orders: all lines of an order or none. The rows of all SKUs are locked first, in SKU
 * order, so the decision is made on numbers that stay, and two batches can't wait in a circle.
 */
export async function reserveStock(tx: Tx, wishes: readonly Wish[]): Promise<Decision & { levels: Levels }> {
  const skus = [...new Set(wishes.flatMap((wish) => wish.lines.map((line) => line.sku)))];
  const rows = await tx.rows<{ sku: string; available: number }>(sql`
    SELECT sku, available FROM stock WHERE sku = ANY(${skus}::text[]) ORDER BY sku FOR UPDATE`);
  const decision = decideReservations(new Map(rows.map((row) => [row.sku, row.available])), wishes);
  const held = decision.reserved.flatMap(({ orderId, lines }) => lines.map((line) => ({ orderId, ...line })));
  if (held.length === 0) return { ...decision, levels: [] };
  const levels = await tx.rows<InventoryUpdated>(sql`
    WITH held AS (SELECT * FROM unnest(${held.map((one) => one.orderId)}::uuid[], ${held.map((one) => one.sku)}::text[], ${held.map((one) => one.quantity)}::int[]) AS h(order_id, sku, quantity)),
         added AS (INSERT INTO reservations (order_id, sku, quantity) SELECT * FROM held)
    UPDATE stock s SET available = available - t.taken, reserved = reserved + t.taken, version = version + 1
      FROM (SELECT sku, sum(quantity)::int AS taken FROM held GROUP BY sku) t WHERE s.sku = t.sku
    RETURNING s.sku, s.available, s.reserved, s.version`);
  return { ...decision, levels };
}

type Moved = { lines: Map<string, Line[]>; levels: Levels };

/** What was set aside for these orders is for sale again. Takes effect once per order. */
export const releaseStock = (tx: Tx, orderIds: readonly string[]) => moveReservations(tx, orderIds, "released");

/** What was set aside for these orders has left the house. Takes effect once per order. */
export const shipStock = (tx: Tx, orderIds: readonly string[]) => moveReservations(tx, orderIds, "shipped");

async function moveReservations(tx: Tx, orderIds: readonly string[], to: "released" | "shipped"): Promise<Moved> {
  if (orderIds.length === 0) return { lines: new Map(), levels: [] };
  const moved = await tx.rows<Line & { orderId: string }>(sql`
    UPDATE reservations SET status = ${to} WHERE order_id = ANY(${orderIds}::uuid[]) AND status = 'reserved'
    RETURNING order_id AS "orderId", sku, quantity`);
  const levels = await tx.rows<InventoryUpdated>(sql`
    WITH moved AS (SELECT sku, sum(quantity)::int AS pieces
                     FROM unnest(${moved.map((one) => one.sku)}::text[], ${moved.map((one) => one.quantity)}::int[]) AS m(sku, quantity) GROUP BY sku),
         locked AS (SELECT s.sku FROM stock s JOIN moved USING (sku) ORDER BY s.sku FOR UPDATE OF s)
    UPDATE stock s
       SET reserved = reserved - m.pieces, version = version + 1,
           available = available + CASE WHEN ${to} = 'released' THEN m.pieces ELSE 0 END,
           shipped = shipped + CASE WHEN ${to} = 'shipped' THEN m.pieces ELSE 0 END
      FROM moved m JOIN locked USING (sku) WHERE s.sku = m.sku
    RETURNING s.sku, s.available, s.reserved, s.version`);
  return { lines: Map.groupBy(moved, (one) => one.orderId), levels };
}

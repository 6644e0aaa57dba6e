import { v7 as uuidv7 } from "uuid";
import type { ShipmentStatus } from "#contracts/vocabulary";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { Parcel, ShipOutcome } from "./carrier.ts";

export type PreparedShipment = Parcel & { status: ShipmentStatus };

/**
 * Stores the keys of parcels before the carrier is asked: one per order, kept when it is there. Only for orders whose
 * stock is reserved; they are locked while we look, so a cancellation comes before or after, never between.
 */
export async function prepareShipments(tx: Tx, orderIds: readonly string[]): Promise<Map<string, PreparedShipment>> {
  const rows = await tx.rows<PreparedShipment>(sql`
    WITH fresh AS (SELECT * FROM unnest(${orderIds}::uuid[], ${orderIds.map(() => uuidv7())}::uuid[]) AS f(order_id, shipment_id)),
         locked AS (SELECT o.id, o.status, f.shipment_id FROM orders o JOIN fresh f ON f.order_id = o.id ORDER BY o.id FOR UPDATE OF o),
         added AS (INSERT INTO shipments (id, order_id)
                   SELECT shipment_id, id FROM locked WHERE status = 'reserved'
                   ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id
                   RETURNING *)
    SELECT s.id AS "shipmentId", s.order_id AS "orderId", s.status, o.express, o.shipping_address AS address
      FROM added s JOIN orders o ON o.id = s.order_id`);
  return new Map(rows.map((row) => [row.orderId, row]));
}

/** Writes down the carrier's answers, once per shipment. @returns the orders whose shipment was settled by this call. */
export async function settleShipments(
  tx: Tx,
  outcomes: readonly { orderId: string; result: ShipOutcome }[],
): Promise<Set<string>> {
  if (outcomes.length === 0) return new Set();
  const accepted = outcomes.map(({ result }) => (result.outcome === "accepted" ? result : null));
  const rows = await tx.rows<{ orderId: string }>(sql`
    UPDATE shipments s
       SET status = CASE WHEN t.carrier_id IS NULL THEN 'refused' ELSE 'created' END,
           carrier = t.carrier, carrier_id = t.carrier_id, tracking_number = t.tracking_number, settled_at = now()
      FROM unnest(${outcomes.map((one) => one.orderId)}::uuid[], ${accepted.map((one) => one?.carrier ?? null)}::text[],
                  ${accepted.map((one) => one?.carrierId ?? null)}::text[], ${accepted.map((one) => one?.trackingNumber ?? null)}::text[])
        AS t(order_id, carrier, carrier_id, tracking_number)
     WHERE s.order_id = t.order_id AND s.status = 'pending'
    RETURNING s.order_id AS "orderId"`);
  return new Set(rows.map((row) => row.orderId));
}

/** The carrier handed these over. */
export async function markDelivered(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.rows(
    sql`UPDATE shipments SET status = 'delivered' WHERE order_id = ANY(${orderIds}::uuid[]) AND status = 'created'`,
  );
}

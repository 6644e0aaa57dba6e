import type { OrderSummary } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import { topics } from "#contracts/topology";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

type Lines = { sku: string; name: string; quantity: number; unitPriceCents: number }[];

/** What the tables know of an order, without its history. */
export type OrderRecords = {
  orderId: string;
  correlationId: string;
  status: string;
  lastSeq: number;
  summary: OrderSummary;
  placed: { customerId: string; lines: Lines; shippingAddress: unknown; express: boolean; paymentToken: string | null };
  payment: {
    id: string;
    status: string;
    chargeId: string | null;
    declineReason: string | null;
    amountCents: number;
  } | null;
  refund: { refundId: string | null; amountCents: number; reason: string } | null;
  reserved: { sku: string; quantity: number }[];
  shipment: { id: string; carrierId: string | null; carrier: string | null; trackingNumber: string | null } | null;
  saga: { status: string; cancelReason: string | null } | null;
  /** The events that are there. */
  history: { seq: number; type: string }[];
};

/**
 * The event that a hole in the history stands for, made from what the tables say was done: what was done and not said
 * is what is missing. Null where that is not one answer. Pure.
 */
export function rebuildEvent(records: OrderRecords, seq: number): { type: string; data: unknown } | null {
  const seqs = new Set(records.history.map((event) => event.seq));
  const missing = Array.from({ length: records.lastSeq }, (_, index) => index + 1).filter((one) => !seqs.has(one));
  const said = new Set(records.history.map(({ type }) => type));
  const unsaid = done(records).filter(({ type }) => !said.has(type));
  if (unsaid.length !== missing.length) return null;
  const event = unsaid[missing.indexOf(seq)];
  if (!event) return null;
  const parsed = contractsByType.get(event.type)?.body.safeParse({ ...event.data, order: records.summary });
  return parsed?.success ? { type: event.type, data: parsed.data } : null;
}

/** What was done with the order, in the order in which it is done. */
function done({ placed, payment, refund, reserved, shipment, saga, status, summary }: OrderRecords) {
  const steps: { type: string; data: Record<string, unknown> }[] = [{ type: "order.placed", data: placed }];
  if (payment?.chargeId)
    steps.push({
      type: "payment.captured",
      data: { paymentId: payment.id, chargeId: payment.chargeId, amountCents: payment.amountCents },
    });
  if (payment?.status === "declined")
    steps.push({ type: "payment.failed", data: { paymentId: payment.id, reason: payment.declineReason } });
  if (summary.paymentMethod === "cod" && reserved.length > 0) steps.push({ type: "payment.deferred", data: {} });
  if (reserved.length > 0) steps.push({ type: "inventory.reserved", data: { lines: reserved } });
  if (shipment?.carrierId)
    steps.push({
      type: "shipping.created",
      data: {
        shipmentId: shipment.id,
        carrierId: shipment.carrierId,
        carrier: shipment.carrier,
        trackingNumber: shipment.trackingNumber,
      },
    });
  if (refund?.refundId && payment)
    steps.push({
      type: "payment.refunded",
      data: {
        paymentId: payment.id,
        refundId: refund.refundId,
        amountCents: refund.amountCents,
        reason: refund.reason,
      },
    });
  if (status === "cancelled" && saga?.status === "done")
    steps.push({ type: "order.cancelled", data: { reason: saga.cancelReason ?? "no reason given" } });
  return steps;
}

/** What the tables know of these orders. */
export const readRecords = (db: Db, orderIds: readonly string[]): Promise<OrderRecords[]> =>
  orderIds.length === 0
    ? Promise.resolve([])
    : db.rows<OrderRecords>(sql`
        SELECT o.id AS "orderId", o.correlation_id AS "correlationId", o.status, o.last_seq AS "lastSeq",
               jsonb_build_object('number', o.number, 'country', o.country, 'category', o.category, 'paymentMethod', o.payment_method,
                 'totalCents', o.total_cents, 'currency', o.currency, 'isTest', o.is_test) AS summary,
               jsonb_build_object('customerId', o.customer_id, 'shippingAddress', o.shipping_address, 'express', o.express, 'paymentToken', o.payment_token,
                 'lines', (SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceCents', unit_price_cents) ORDER BY line_number)
                             FROM order_lines WHERE order_id = o.id)) AS placed,
               (SELECT jsonb_build_object('id', id, 'status', status, 'chargeId', charge_id, 'declineReason', decline_reason, 'amountCents', amount_cents)
                  FROM payments WHERE order_id = o.id) AS payment,
               (SELECT jsonb_build_object('refundId', r.refund_id, 'amountCents', r.amount_cents, 'reason', r.reason)
                  FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.order_id = o.id AND r.settled_at IS NOT NULL LIMIT 1) AS refund,
               (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity) ORDER BY sku), '[]') FROM reservations WHERE order_id = o.id) AS reserved,
               (SELECT jsonb_build_object('id', id, 'carrierId', carrier_id, 'carrier', carrier, 'trackingNumber', tracking_number)
                  FROM shipments WHERE order_id = o.id) AS shipment,
               (SELECT jsonb_build_object('status', status, 'cancelReason', cancel_reason) FROM order_sagas WHERE order_id = o.id) AS saga,
               (SELECT coalesce(jsonb_agg(jsonb_build_object('seq', seq, 'type', type) ORDER BY seq), '[]') FROM outbox
                 WHERE key = o.id::text AND topic = ${topics.orderEvents.name}) AS history
          FROM orders o WHERE o.id = ANY(${orderIds}::uuid[])`);

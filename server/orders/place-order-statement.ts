import type { ShippingAddress } from "#contracts/messages/orders";
import type { Db } from "#server/platform/db";
import { type Sql, sql } from "#server/platform/sql";

/** A checked order, with the ids it will have. */
export type OrderToPlace = {
  id: string;
  eventId: string;
  occurredAt: string;
  customerId: string;
  lines: readonly { sku: string; quantity: number }[];
  paymentMethod: string;
  paymentToken: string | null;
  shippingAddress: ShippingAddress;
  express: boolean;
  isTest: boolean;
  idempotencyKey: string;
  requestHash: Buffer;
};

export type KnownOrder = { orderId: string; requestHash: Buffer };

/** What became of one order of the batch. */
export type Placement = {
  /** Place in the batch, from 1. */
  place: number;
  isPlaced: boolean;
  /** Nothing is wrong with it: if it was not placed, its key was taken. */
  isSound: boolean;
  isUnknownCustomer: boolean;
  unknownSkus: string[];
  currencies: number;
};

/**
 * ONE statement for a batch of orders: order, lines and the event `order.placed` commit together. Prices, names, category,
 * currency and total come from the catalogue in the same statement, so no price is ever older than the order.
 */
export function placeOrdersStatement(orders: readonly OrderToPlace[]): Sql {
  const lines = orders.flatMap((order, index) =>
    order.lines.map((line, at) => ({ ...line, place: index + 1, lineNumber: at + 1 })),
  );
  return sql`
    WITH asked AS (
      SELECT * FROM unnest(${orders.map((o) => o.id)}::uuid[], ${orders.map((o) => o.eventId)}::uuid[], ${orders.map((o) => o.occurredAt)}::timestamptz[],
                           ${orders.map((o) => o.customerId)}::uuid[], ${orders.map((o) => o.paymentMethod)}::text[], ${orders.map((o) => o.paymentToken)}::text[],
                           ${orders.map((o) => JSON.stringify(o.shippingAddress))}::text[], ${orders.map((o) => o.express)}::bool[], ${orders.map((o) => o.isTest)}::bool[],
                           ${orders.map((o) => o.idempotencyKey)}::text[], ${orders.map((o) => o.requestHash)}::bytea[]) WITH ORDINALITY
        AS a(id, event_id, occurred_at, customer_id, payment_method, payment_token, address, express, is_test, idempotency_key, request_hash, place)),
    priced AS (
      SELECT w.*, p.name, p.category, p.currency, p.price_cents
        FROM unnest(${lines.map((l) => l.place)}::int[], ${lines.map((l) => l.lineNumber)}::int[], ${lines.map((l) => l.sku)}::text[], ${lines.map((l) => l.quantity)}::int[])
          AS w(place, line_number, sku, quantity)
        LEFT JOIN products p ON p.sku = w.sku AND p.is_active),
    summed AS (
      SELECT place, sum(quantity * price_cents) AS total_cents, min(currency) AS currency, count(DISTINCT currency) AS currencies,
             (array_agg(category ORDER BY line_number))[1] AS category,
             coalesce(array_agg(sku) FILTER (WHERE name IS NULL), '{}') AS unknown_skus,
             jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceCents', price_cents) ORDER BY line_number) AS lines
        FROM priced GROUP BY place),
    checked AS (
      SELECT a.*, s.total_cents, s.currency, s.currencies, s.category, s.unknown_skus, s.lines, c.id IS NULL AS is_unknown_customer,
             c.id IS NOT NULL AND s.unknown_skus = '{}' AND s.currencies = 1 AND s.total_cents BETWEEN 1 AND 100000000000 AS is_sound
        FROM asked a JOIN summed s USING (place) LEFT JOIN customers c ON c.id = a.customer_id),
    placed AS (
      INSERT INTO orders (id, customer_id, payment_method, payment_token, currency, total_cents, country, category, express, is_test,
                          shipping_address, idempotency_key, request_hash, correlation_id, placed_at)
      SELECT id, customer_id, payment_method, payment_token, currency, total_cents, address::jsonb ->> 'country', category, express, is_test,
             address::jsonb, idempotency_key, request_hash, id, occurred_at
        FROM checked WHERE is_sound
      ON CONFLICT (idempotency_key) DO NOTHING
      RETURNING id, number),
    kept_lines AS (
      INSERT INTO order_lines (order_id, line_number, sku, name, quantity, unit_price_cents)
      SELECT c.id, l.line_number, l.sku, l.name, l.quantity, l.price_cents
        FROM placed JOIN checked c USING (id) JOIN priced l USING (place)),
    told AS (
      INSERT INTO outbox (event_id, topic, key, seq, type, version, source, correlation_id, occurred_at, data)
      SELECT c.event_id, 'order.events', c.id::text, 1, 'order.placed', 1, 'checkout', c.id, c.occurred_at,
             jsonb_build_object('customerId', c.customer_id, 'lines', c.lines, 'shippingAddress', c.address::jsonb, 'express', c.express,
                                'paymentToken', c.payment_token,
                                'order', jsonb_build_object('number', placed.number, 'country', c.address::jsonb ->> 'country', 'category', c.category,
                                                            'paymentMethod', c.payment_method, 'totalCents', c.total_cents, 'currency', c.currency, 'isTest', c.is_test))
        FROM placed JOIN checked c USING (id))
    SELECT c.place::int, placed.id IS NOT NULL AS "isPlaced", c.is_sound AS "isSound", c.is_unknown_customer AS "isUnknownCustomer",
           c.unknown_skus AS "unknownSkus", c.currencies::int
      FROM checked c LEFT JOIN placed USING (id)`;
}

/** The order that holds an idempotency key, if any. */
export async function findByKey(db: Db, idempotencyKey: string): Promise<KnownOrder | null> {
  const [row] = await db.rows<KnownOrder>(sql`
    SELECT id AS "orderId", request_hash AS "requestHash" FROM orders WHERE idempotency_key = ${idempotencyKey}`);
  return row ?? null;
}

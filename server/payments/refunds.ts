import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** Money to be given back; the key is stored before the provider is asked and used for ever. */
export type OpenRefund = {
  orderId: string;
  key: string;
  paymentId: string;
  chargeId: string;
  amountCents: number;
};

/** Stores a refund of everything that was captured for these orders. Orders without a capture get none. Repeatable. */
export async function prepareRefunds(
  tx: Tx,
  wanted: readonly { orderId: string; reason: string }[],
): Promise<Map<string, OpenRefund>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx.rows<OpenRefund>(sql`
    WITH wanted AS (SELECT * FROM unnest(${wanted.map((one) => one.orderId)}::uuid[], ${wanted.map((one) => one.reason)}::text[]) AS w(order_id, reason)),
         captured AS (SELECT p.*, w.reason FROM payments p JOIN wanted w USING (order_id) WHERE p.status IN ('captured', 'refunded')),
         added AS (INSERT INTO refunds (key, payment_id, amount_cents, reason)
                   SELECT 'refund:' || id || ':1', id, amount_cents, reason FROM captured
                   ON CONFLICT (key) DO NOTHING)
    SELECT order_id AS "orderId", 'refund:' || id || ':1' AS key, id AS "paymentId", charge_id AS "chargeId",
           amount_cents AS "amountCents" FROM captured`);
  return new Map(rows.map((row) => [row.orderId, row]));
}

/** Writes down that the money went back, once, and books it. @returns the payments refunded by this call. */
export async function settleRefunds(tx: Tx, done: readonly { key: string; refundId: string }[]): Promise<Set<string>> {
  if (done.length === 0) return new Set();
  const rows = await tx.rows<{ paymentId: string }>(sql`
    WITH told AS (SELECT * FROM unnest(${done.map((one) => one.key)}::text[], ${done.map((one) => one.refundId)}::text[]) AS t(key, refund_id)),
         settled AS (UPDATE refunds r SET refund_id = t.refund_id, settled_at = now()
                       FROM told t WHERE r.key = t.key AND r.settled_at IS NULL RETURNING r.*),
         paid_back AS (UPDATE payments p SET status = 'refunded' FROM settled s
                        WHERE p.id = s.payment_id AND p.status = 'captured' RETURNING p.*),
         booked AS (INSERT INTO ledger_entries (payment_id, movement, account, amount_cents, currency)
                    SELECT p.id, 'refund', side.account, side.sign * s.amount_cents, p.currency
                      FROM settled s JOIN paid_back p ON p.id = s.payment_id
                     CROSS JOIN (VALUES ('provider', -1), ('orders', 1)) AS side(account, sign))
    SELECT payment_id AS "paymentId" FROM settled`);
  return new Set(rows.map((row) => row.paymentId));
}

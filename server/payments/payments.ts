import { v7 as uuidv7 } from "uuid";
import type { PaymentStatus } from "#contracts/vocabulary";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { ChargeOutcome } from "./payment-provider.ts";

/** A payment as it stands before the provider is asked. */
export type PreparedPayment = {
  orderId: string;
  paymentId: string;
  status: PaymentStatus;
  amountCents: number;
  currency: string;
  paymentToken: string;
  createdAt: Date;
};

/**
 * Stores the idempotency keys before the first call: one payment per order, kept when it is there. Amount and card come
 * from the order as it was stored. Orders that no longer wait for money get no payment: they are locked while we look, so
 * a cancellation comes before or after, never between. One whose outcome is still open is asked about whatever became of
 * its order: the money may have been taken, and only the same key again tells.
 */
export async function preparePayments(tx: Tx, orderIds: readonly string[]): Promise<Map<string, PreparedPayment>> {
  const rows = await tx.rows<PreparedPayment>(sql`
    WITH fresh AS (SELECT * FROM unnest(${orderIds}::uuid[], ${orderIds.map(() => uuidv7())}::uuid[]) AS f(order_id, payment_id)),
         locked AS (SELECT o.id, o.status, o.total_cents, o.currency, f.payment_id
                      FROM orders o JOIN fresh f ON f.order_id = o.id ORDER BY o.id FOR UPDATE OF o),
         added AS (INSERT INTO payments (id, order_id, amount_cents, currency)
                   SELECT payment_id, id, total_cents, currency FROM locked WHERE status = 'placed'
                   ON CONFLICT (order_id) DO UPDATE SET currency = excluded.currency
                   RETURNING *),
         open AS (SELECT p.* FROM payments p JOIN locked l ON l.id = p.order_id WHERE l.status <> 'placed' AND p.status = 'pending')
    SELECT p.order_id AS "orderId", p.id AS "paymentId", p.status, p.amount_cents AS "amountCents", p.currency,
           o.payment_token AS "paymentToken", p.created_at AS "createdAt"
      FROM (SELECT * FROM added UNION ALL SELECT * FROM open) p JOIN orders o ON o.id = p.order_id`);
  return new Map(rows.map((row) => [row.orderId, row]));
}

export type Settled = { paymentId: string; orderId: string; amountCents: number };

/**
 * Writes down what the provider answered: pending → captured or declined, once. A capture is booked twice, as
 * double-entry wants: what the provider owes us, and what we owe the order.
 * @returns the payments that were settled by this call.
 */
export async function settlePayments(
  tx: Tx,
  outcomes: readonly { paymentId: string; result: ChargeOutcome }[],
): Promise<Map<string, Settled>> {
  if (outcomes.length === 0) return new Map();
  const settled = await tx.rows<Settled>(sql`
    WITH told AS (SELECT * FROM unnest(${outcomes.map((o) => o.paymentId)}::uuid[],
                    ${outcomes.map(({ result }) => (result.outcome === "captured" ? result.chargeId : null))}::text[],
                    ${outcomes.map(({ result }) => (result.outcome === "declined" ? result.reason : null))}::text[])
                    AS t(id, charge_id, reason)),
         settled AS (UPDATE payments p
                        SET status = CASE WHEN t.charge_id IS NULL THEN 'declined' ELSE 'captured' END,
                            charge_id = t.charge_id, decline_reason = t.reason, settled_at = now()
                       FROM told t WHERE p.id = t.id AND p.status = 'pending'
                     RETURNING p.*),
         booked AS (INSERT INTO ledger_entries (payment_id, movement, account, amount_cents, currency)
                    SELECT s.id, 'capture', side.account, side.sign * s.amount_cents, s.currency
                      FROM settled s CROSS JOIN (VALUES ('provider', 1), ('orders', -1)) AS side(account, sign)
                     WHERE s.status = 'captured')
    SELECT id AS "paymentId", order_id AS "orderId", amount_cents AS "amountCents" FROM settled`);
  return new Map(settled.map((row) => [row.paymentId, row]));
}

import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { Ledgers } from "./ledgers.ts";

type ProviderBooks = Ledgers["provider"];

/** Reads everything the checker judges: PostgreSQL directly, the outside systems through their own ledgers. */
export async function readLedgers(sandboxUrl: string, accepted: readonly string[]): Promise<Ledgers> {
  const [orders, events, payments, ledgerSums, stock, reservations, invoices, waiting, provider] = await Promise.all([
    db.rows<Ledgers["orders"][number]>(sql`
      SELECT o.id, o.status, o.payment_method AS "paymentMethod", o.total_cents AS "totalCents", o.last_seq AS "lastSeq",
             c.email, v.status AS "shownStatus"
        FROM orders o JOIN customers c ON c.id = o.customer_id LEFT JOIN order_views v ON v.order_id = o.id`),
    db.rows<Ledgers["events"][number]>(sql`
      SELECT key AS "orderId", seq, type, sent_at IS NOT NULL AS "isSent" FROM outbox WHERE topic = 'order.events'`),
    db.rows<Ledgers["payments"][number]>(sql`
      SELECT order_id AS "orderId", status, amount_cents AS "amountCents", charge_id AS "chargeId" FROM payments`),
    db.rows<Ledgers["ledgerSums"][number]>(sql`
      SELECT payment_id AS "paymentId", currency, sum(amount_cents)::bigint AS "sumCents"
        FROM ledger_entries GROUP BY payment_id, currency`),
    db.rows<Ledgers["stock"][number]>(sql`SELECT sku, initial, available, reserved, shipped FROM stock`),
    db.rows<Ledgers["reservations"][number]>(
      sql`SELECT order_id AS "orderId", sku, quantity, status FROM reservations`,
    ),
    db.rows<{ number: number }>(sql`SELECT number FROM documents WHERE kind = 'invoice'`),
    db.rows<{ waiting: number }>(sql`SELECT count(*) AS waiting FROM reminders WHERE topic IS NOT NULL`),
    readProvider(sandboxUrl),
  ]);
  return {
    accepted,
    orders,
    events,
    payments,
    ledgerSums,
    stock,
    reservations,
    invoiceNumbers: invoices.map(({ number }) => number),
    waitingRetries: waiting[0]!.waiting,
    provider,
  };
}

async function readProvider(sandboxUrl: string): Promise<ProviderBooks> {
  const [charges, parcels, mails] = await Promise.all(
    ["payments", "shipments", "mails"].map(async (book) => {
      const answer = await fetch(`${sandboxUrl}/api/ledger/${book}`);
      if (!answer.ok) throw new Error(`the sandbox's ledger of ${book} answered ${answer.status}`);
      return answer.json();
    }),
  );
  return { charges, parcels, mails } as ProviderBooks;
}

import type { MessageContract, Received } from "#contracts/message";
import { transaction } from "#server/messaging/transaction";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { finalStatuses, statusAfter } from "./order-status.ts";

/** The channel that tells which orders look different now: a JSON array of order ids. */
export const ORDER_VIEWS_CHANNEL = "order_views";

/** A NOTIFY holds less than 8,000 bytes: 150 ids of 36 characters. */
const IDS_PER_NOTIFY = 150;

type Fact = { orderId: string; seq: number; type: string; occurredAt: string };

/**
 * Brings the views of these facts' orders up to date. Facts may come twice and out of order: the newest fact and the
 * newest status each have their own sequence number, and an older one changes nothing. A final status stays: money that
 * comes after the end does not bring the order back.
 */
export async function projectOrders(tx: Tx, facts: readonly Fact[]): Promise<void> {
  const views = [...Map.groupBy(facts, (fact) => fact.orderId)].map(([orderId, own]) => summarizeFacts(orderId, own));
  // Locked in a statement of their own: the next one then sees the newest rows, and its own changes can't hide them.
  await tx.rows(sql`
    SELECT 1 FROM order_views WHERE order_id = ANY(${views.map((v) => v.orderId)}::uuid[]) ORDER BY order_id FOR UPDATE`);
  await tx.rows(sql`
    WITH told AS (SELECT * FROM unnest(${views.map((v) => v.orderId)}::uuid[], ${views.map((v) => v.seq)}::int[], ${views.map((v) => v.type)}::text[],
                    ${views.map((v) => v.occurredAt)}::timestamptz[], ${views.map((v) => v.statusSeq)}::int[], ${views.map((v) => v.status)}::text[])
                    AS t(order_id, seq, type, occurred_at, status_seq, status)),
         before AS (SELECT v.order_id, v.status FROM order_views v JOIN told USING (order_id)),
         after AS (INSERT INTO order_views AS v (order_id, number, status, customer_name, country, category, payment_method, total_cents,
                                                 currency, is_test, last_seq, status_seq, last_type, placed_at, changed_at)
                   SELECT o.id, o.number, coalesce(t.status, 'placed'), c.name, o.country, o.category, o.payment_method, o.total_cents,
                          o.currency, o.is_test, t.seq, coalesce(t.status_seq, 0), t.type, o.placed_at, t.occurred_at
                     FROM told t JOIN orders o ON o.id = t.order_id JOIN customers c ON c.id = o.customer_id
                    ORDER BY o.id
                   ON CONFLICT (order_id) DO UPDATE SET
                     status = CASE WHEN v.status = ANY(${finalStatuses}::text[]) THEN v.status
                                   WHEN excluded.status = ANY(${finalStatuses}::text[]) OR excluded.status_seq > v.status_seq THEN excluded.status
                                   ELSE v.status END,
                     status_seq = greatest(v.status_seq, excluded.status_seq),
                     last_type = CASE WHEN excluded.last_seq > v.last_seq THEN excluded.last_type ELSE v.last_type END,
                     changed_at = greatest(v.changed_at, excluded.changed_at),
                     last_seq = greatest(v.last_seq, excluded.last_seq)
                   RETURNING v.order_id, v.status),
         moved AS (SELECT status, sum(n)::bigint AS orders
                     FROM (SELECT status, 1 AS n FROM after UNION ALL SELECT status, -1 FROM before) AS steps
                    GROUP BY status HAVING sum(n) <> 0)
    INSERT INTO order_status_counts AS s (status, orders) SELECT status, orders FROM moved ORDER BY status
    ON CONFLICT (status) DO UPDATE SET orders = s.orders + excluded.orders`);
  await announceChanges(
    tx,
    views.map((view) => view.orderId),
  );
}

/** What several facts of one order come to: the newest of all, and the one that gave the status: a final one, or the newest. */
export function summarizeFacts(orderId: string, facts: readonly Fact[]) {
  const newest = facts.reduce((a, b) => (b.seq > a.seq ? b : a));
  const [moving] = facts.filter((fact) => statusAfter(fact.type) !== null).toSorted((a, b) => rank(b) - rank(a));
  const { seq, type, occurredAt } = newest;
  return {
    orderId,
    seq,
    type,
    occurredAt,
    statusSeq: moving?.seq ?? null,
    status: moving ? statusAfter(moving.type) : null,
  };
}

const rank = ({ seq, type }: Fact): number => (finalStatuses.includes(statusAfter(type)!) ? Number.MAX_VALUE : seq);

/** Delivered by PostgreSQL when the projection commits; the projector's own transaction, never checkout's. */
async function announceChanges(tx: Tx, orderIds: readonly string[]): Promise<void> {
  for (let start = 0; start < orderIds.length; start += IDS_PER_NOTIFY) {
    const ids = JSON.stringify(orderIds.slice(start, start + IDS_PER_NOTIFY));
    await tx.rows(sql`SELECT pg_notify(${ORDER_VIEWS_CHANNEL}, ${ids})`);
  }
}

const REBUILD_BATCH = 5_000;

/** Drops the order views and their counts and makes them again from the history. @returns facts replayed. */
export async function rebuildOrderViews(): Promise<number> {
  const { result } = await transaction({ source: "rebuild-order-views" }, async (tx) => {
    await tx.rows(sql`TRUNCATE order_views, order_status_counts`);
    let replayed = 0;
    for (let after = 0; ; ) {
      const facts = await tx.rows<Fact & { id: number }>(sql`
        SELECT id, key AS "orderId", seq, type, occurred_at AS "occurredAt" FROM outbox
         WHERE topic = 'order.events' AND id > ${after} ORDER BY id LIMIT ${REBUILD_BATCH}`);
      if (facts.length === 0) return replayed;
      await projectOrders(tx, facts);
      replayed += facts.length;
      after = facts.at(-1)!.id;
    }
  });
  return result;
}

/** A received message as the projection needs it. */
export const asFact = ({ orderId, seq, type, occurredAt }: Received<MessageContract>): Fact => ({
  orderId,
  seq,
  type,
  occurredAt,
});

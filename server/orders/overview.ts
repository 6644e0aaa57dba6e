import type { Overview } from "#contracts/api/overview";
import { type OrderStatus, orderStatuses } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { listOrders } from "./order-queries.ts";

const NEWEST = 50;

/** The numbers of the first screen, all from counters, small indexes or the last hour. Asked once for all viewers. */
export async function readOverview(): Promise<Omit<Overview, "workers">> {
  const [counts, perMinute, [state], { orders }] = await Promise.all([
    db.rows<{ status: OrderStatus; orders: number }>(sql`SELECT status, orders FROM order_status_counts`),
    db.rows<{ minute: Date; placed: number; ended: number }>(sql`
      SELECT m.minute, count(v.order_id) AS placed,
             count(v.order_id) FILTER (WHERE v.status IN ('payment_failed', 'cancelled')) AS ended
        FROM generate_series(date_trunc('minute', now()) - interval '59 minutes', date_trunc('minute', now()), interval '1 minute') AS m(minute)
        LEFT JOIN order_views v ON v.placed_at >= m.minute AND v.placed_at < m.minute + interval '1 minute'
       GROUP BY m.minute ORDER BY m.minute`),
    db.rows<
      Overview["outbox"] &
        Pick<Overview, "oldestOpenMs" | "stuck" | "missing" | "waitingRetries"> &
        Record<"stuckOrder" | "retrying" | "open", string | null>
    >(sql`
      WITH stuck AS (
        SELECT order_id, stuck_since FROM order_sagas WHERE status <> 'done' AND stuck_since IS NOT NULL),
      open AS (
        SELECT first.* FROM unnest(ARRAY['placed', 'paid', 'reserved']) AS s(status)
         CROSS JOIN LATERAL (SELECT order_id, placed_at FROM order_views v WHERE v.status = s.status ORDER BY placed_at LIMIT 1) first
         ORDER BY placed_at LIMIT 1)
      SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS unsent,
             (SELECT round(extract(epoch FROM now() - min(occurred_at)) * 1000)::bigint FROM outbox WHERE sent_at IS NULL) AS "oldestMs",
             (SELECT round(extract(epoch FROM now() - placed_at) * 1000)::bigint FROM open) AS "oldestOpenMs",
             (SELECT count(*) FROM stuck) AS stuck,
             (SELECT count(DISTINCT order_id) FROM findings WHERE resolved_at IS NULL) AS missing,
             (SELECT count(*) FROM reminders WHERE topic IS NOT NULL) AS "waitingRetries",
             (SELECT order_id FROM stuck ORDER BY stuck_since, order_id LIMIT 1) AS "stuckOrder",
             (SELECT key::uuid FROM outbox WHERE topic = 'order.events' AND event_id = (
                SELECT message_id FROM reminders WHERE topic IS NOT NULL ORDER BY created_at LIMIT 1)) AS retrying,
             (SELECT order_id FROM open) AS open`),
    listOrders({ limit: NEWEST }),
  ]);
  const known = new Map(counts.map((row) => [row.status, row.orders]));
  const { unsent, oldestMs, oldestOpenMs, stuck, missing, waitingRetries, stuckOrder, retrying, open } = state!;
  return {
    at: new Date().toISOString(),
    counts: Object.fromEntries(orderStatuses.map((status) => [status, known.get(status) ?? 0])) as Overview["counts"],
    placedPerMinute: perMinute.map(({ minute, placed, ended }) => ({ minute: minute.toISOString(), placed, ended })),
    newest: orders,
    outbox: { unsent, oldestMs },
    oldestOpenMs,
    stuck,
    missing,
    waitingRetries,
    oldest: { stuck: stuckOrder, retrying, open },
  };
}

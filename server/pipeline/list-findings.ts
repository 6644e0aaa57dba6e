import type { FindingKindTotal, FindingList, FindingRow } from "#contracts/api/findings";
import { isLed } from "#server/messaging/leading";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { RE_EMIT_ACTION, seqOf } from "./findings.ts";
import { readRecords, rebuildEvent } from "./rebuild-event.ts";
import { RECONCILER_LOCK } from "./reconcile.ts";

/** Open ones of each kind; the totals count all. */
const SHOWN_OF_A_KIND = 200;
const RESOLVED_SHOWN = 30;

type Row = Omit<FindingRow, "foundAt" | "resolvedAt" | "sentAgain"> & {
  foundAt: Date;
  resolvedAt: Date | null;
  sentAt: Date | null;
  sentBy: string | null;
};

/** What is missing, with what it is worth, and what was resolved last; of one order where it is named. */
export async function listFindings({ orderId = null }: { orderId?: string | null } = {}): Promise<FindingList> {
  const [rows, totals, [all], isWatched] = await Promise.all([
    ...([readRows(orderId), readTotals(orderId), readAll(orderId)] as const),
    isLed(RECONCILER_LOCK),
  ]);
  const rebuilt = await rebuildable(rows.filter(({ canReEmit, resolvedAt }) => !canReEmit && resolvedAt === null));
  return {
    findings: rows.map(({ foundAt, resolvedAt, sentAt, sentBy, ...row }) => ({
      ...row,
      canReEmit: resolvedAt === null && (row.canReEmit || rebuilt.has(row.id)),
      foundAt: foundAt.toISOString(),
      resolvedAt: resolvedAt?.toISOString() ?? null,
      sentAgain: sentAt === null || sentBy === null ? null : { at: sentAt.toISOString(), by: sentBy },
    })),
    totals: totals.map(({ oldestAt, ...total }) => ({ ...total, oldestAt: oldestAt.toISOString() })),
    ...all!,
    isWatched,
  };
}

const readRows = (orderId: string | null) =>
  db.rows<Row>(sql`
    SELECT f.id, f.kind, f.order_id AS "orderId", o.number AS "orderNumber", o.status AS "orderStatus", o.total_cents AS "totalCents",
           o.currency, coalesce(o.is_test, false) AS "isTest", f.subject, f.detail, f.found_at AS "foundAt",
           f.resolved_at AS "resolvedAt", f.resolution, a.occurred_at AS "sentAt", a.actor AS "sentBy",
           (f.kind <> 'event_not_in_kafka' OR EXISTS (
             SELECT 1 FROM outbox e WHERE e.key = f.order_id::text AND e.topic = 'order.events' AND e.seq = split_part(f.subject, '#', 2)::int)
             OR EXISTS (SELECT 1 FROM audit_facts a WHERE a.order_id = f.order_id AND (a.body ->> 'seq')::int = split_part(f.subject, '#', 2)::int)) AS "canReEmit"
      FROM ((SELECT f.* FROM unnest(ARRAY['paid_not_shipped', 'event_not_in_kafka', 'job_lost']) AS k(kind)
              CROSS JOIN LATERAL (SELECT * FROM findings WHERE kind = k.kind AND resolved_at IS NULL AND (${orderId}::uuid IS NULL OR order_id = ${orderId}::uuid)
                                   ORDER BY found_at, id LIMIT ${SHOWN_OF_A_KIND}) f)
            UNION ALL (SELECT * FROM findings WHERE resolved_at IS NOT NULL AND (${orderId}::uuid IS NULL OR order_id = ${orderId}::uuid)
                        ORDER BY resolved_at DESC LIMIT ${RESOLVED_SHOWN})) f
      LEFT JOIN orders o ON o.id = f.order_id
      LEFT JOIN LATERAL (SELECT occurred_at, actor FROM audit_entries
                          WHERE subject = 'finding:' || f.id AND action = ${RE_EMIT_ACTION} AND stage = 'intent' ORDER BY id DESC LIMIT 1) a ON true
     ORDER BY f.resolved_at DESC NULLS FIRST, f.found_at, f.id`);

/** What is worth most to know comes first: money that was taken for nothing. */
const readTotals = (orderId: string | null) =>
  db.rows<Omit<FindingKindTotal, "oldestAt"> & { oldestAt: Date }>(sql`
    WITH open AS (SELECT * FROM findings WHERE resolved_at IS NULL AND (${orderId}::uuid IS NULL OR order_id = ${orderId}::uuid)),
         sums AS (
           SELECT d.kind, o.currency, sum(o.total_cents)::bigint AS cents
             FROM (SELECT DISTINCT kind, order_id FROM open) d JOIN orders o ON o.id = d.order_id AND NOT o.is_test
            GROUP BY d.kind, o.currency)
    SELECT kind, count(*) AS findings, count(DISTINCT order_id) AS orders, min(found_at) AS "oldestAt",
           (SELECT coalesce(jsonb_agg(jsonb_build_object('currency', currency, 'cents', cents) ORDER BY currency), '[]') FROM sums s WHERE s.kind = open.kind) AS money
      FROM open GROUP BY kind ORDER BY array_position(ARRAY['paid_not_shipped', 'event_not_in_kafka', 'job_lost'], kind)`);

const readAll = (orderId: string | null) =>
  db.rows<Pick<FindingList, "orders" | "money">>(sql`
    WITH open AS (SELECT DISTINCT order_id FROM findings WHERE resolved_at IS NULL AND (${orderId}::uuid IS NULL OR order_id = ${orderId}::uuid)),
         sums AS (SELECT o.currency, sum(o.total_cents)::bigint AS cents FROM open JOIN orders o ON o.id = open.order_id AND NOT o.is_test GROUP BY o.currency)
    SELECT (SELECT count(*) FROM open) AS orders,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('currency', currency, 'cents', cents) ORDER BY currency), '[]') FROM sums) AS money`);

/** Events of which no copy is left, but which follow from what the tables say. */
async function rebuildable(lost: readonly Row[]): Promise<Set<string>> {
  const records = await readRecords(db, [...new Set(lost.map(({ orderId }) => orderId))]);
  const isRebuilt = ({ orderId, subject }: Row) => {
    const known = records.find((one) => one.orderId === orderId);
    return known !== undefined && rebuildEvent(known, seqOf(subject)) !== null;
  };
  return new Set(lost.filter(isRebuilt).map(({ id }) => id));
}

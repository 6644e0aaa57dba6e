import type { GroupChange, GroupList, GroupRow, Money } from "#contracts/api/dead-letters";
import { type GroupStatus, groupStatuses, unsettledStatuses } from "#contracts/vocabulary";
import type { Operation } from "#server/platform/act";
import { type Db, db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { readHints, readInBrokers } from "./group-surroundings.ts";
import { tellLetterNews } from "./letter-news.ts";
import { uuidPattern } from "./letter-search.ts";
import { rankGroups } from "./prepare-groups.ts";

/** More causes than this are no causes: the most urgent are shown. */
const SHOWN_GROUPS = 500;
/** Causes that somebody still has to do something about. */
const unsettledGroups: readonly GroupStatus[] = ["open", "acknowledged"];

/** The causes of dead letters, the most urgent first, and what they come to together. */
export async function listGroups(status: GroupStatus | "unsettled" | "all"): Promise<GroupList> {
  const statuses = status === "all" ? groupStatuses : status === "unsettled" ? unsettledGroups : [status];
  const [{ groups, totals }, rabbitmq] = await Promise.all([
    readGroups(db, { statuses, groupId: null }),
    readInBrokers(db),
  ]);
  return { groups: rankGroups(groups, new Date()).slice(0, SHOWN_GROUPS), totals, inBrokers: { rabbitmq } };
}

const notFound = () => new Problem(404, "group_not_found", "There is no group with this id.");

/** @throws Problem 404. */
export async function getGroup(groupId: string, from: Db = db): Promise<GroupRow> {
  const { groups } = uuidPattern.test(groupId)
    ? await readGroups(from, { statuses: groupStatuses, groupId })
    : { groups: [] };
  if (!groups[0]) throw notFound();
  return groups[0];
}

/** Takes a cause on, settles it, or notes something about it. What is left out stays. @throws Problem 404. */
export async function changeGroup({ tx, intend }: Operation, groupId: string, change: GroupChange): Promise<GroupRow> {
  type Kept = { status: GroupStatus; note: string | null; owner: string | null };
  const [before] = uuidPattern.test(groupId)
    ? await tx.rows<Kept>(
        sql`SELECT status, note, owner FROM dead_letter_groups WHERE id = ${groupId}::uuid FOR UPDATE`,
      )
    : [];
  if (!before) throw notFound();
  const after = { ...before, ...change };
  await tx.rows(sql`
    UPDATE dead_letter_groups
       SET status = ${after.status}, note = ${after.note}, owner = ${after.owner},
           status_changed_at = CASE WHEN status = ${after.status} THEN status_changed_at ELSE now() END
     WHERE id = ${groupId}::uuid`);
  await tellLetterNews(tx, { groupIds: [groupId], runIds: [] });
  intend({ action: "dead-letter-groups:change", subject: `group:${groupId}`, before, after });
  return getGroup(groupId, tx);
}

type Wanted = { statuses: readonly GroupStatus[]; groupId: string | null };

async function readGroups(from: Db, wanted: Wanted): Promise<{ groups: GroupRow[]; totals: GroupList["totals"] }> {
  const [[figures], trends, hints] = await Promise.all([
    readFigures(from, wanted),
    readTrends(from, wanted.groupId),
    readHints(from, wanted.groupId),
  ]);
  const { groups, letters, orders, money } = figures!;
  const rows = groups ?? [];
  return {
    groups: rows.map((row) => ({
      ...row,
      oldestDiedAt: row.oldestDiedAt && iso(row.oldestDiedAt),
      firstSeenAt: iso(row.firstSeenAt),
      lastSeenAt: iso(row.lastSeenAt),
      trend: trends.get(row.id) ?? Array.from({ length: HOURS }, () => 0),
      hint: hints.get(row.id) ?? null,
    })),
    totals: { letters, orders, money: money ?? [] },
  };
}

const iso = (text: string) => new Date(text).toISOString();

type Figures = {
  groups: Omit<GroupRow, "trend" | "hint">[] | null;
  letters: number;
  orders: number;
  money: Money | null;
};

/** Counts and money of what still waits. Each pair of group and order counts once, and each order once in the totals. */
const readFigures = (from: Db, { statuses, groupId }: Wanted): Promise<Figures[]> =>
  from.rows<Figures>(sql`
    WITH asked AS MATERIALIZED (
           SELECT * FROM dead_letter_groups WHERE status = ANY(${statuses}::text[]) AND (${groupId}::uuid IS NULL OR id = ${groupId}::uuid)),
         counted AS (
           SELECT group_id, count(*) AS letters, min(first_died_at) AS oldest FROM dead_letters
            WHERE status = ANY(${unsettledStatuses}::text[]) AND group_id = ANY(ARRAY(SELECT id FROM asked)) GROUP BY group_id),
         moved AS (
           SELECT group_id, count(*) FILTER (WHERE status = 'replaying') AS replaying, count(*) FILTER (WHERE status = 'succeeded') AS succeeded
             FROM dead_letters WHERE status IN ('replaying', 'succeeded') AND group_id = ANY(ARRAY(SELECT id FROM asked)) GROUP BY group_id),
         by_customer AS MATERIALIZED (
           SELECT w.group_id, o.currency, o.customer_id, count(*) AS orders, sum(o.total_cents)::bigint AS cents
             FROM (SELECT DISTINCT group_id, order_id FROM dead_letters
                    WHERE status = ANY(${unsettledStatuses}::text[]) AND group_id = ANY(ARRAY(SELECT id FROM asked))) w
             JOIN orders o ON o.id = w.order_id AND NOT o.is_test GROUP BY w.group_id, o.currency, o.customer_id),
         people AS (
           SELECT group_id, sum(orders)::bigint AS orders, count(DISTINCT customer_id) AS customers FROM by_customer GROUP BY group_id),
         worth AS (
           SELECT group_id, jsonb_agg(jsonb_build_object('currency', currency, 'cents', cents) ORDER BY currency) AS money
             FROM (SELECT group_id, currency, sum(cents)::bigint AS cents FROM by_customer GROUP BY group_id, currency) AS s GROUP BY group_id),
         aimed AS (
           SELECT t.group_id, jsonb_agg(jsonb_build_object('id', e.id, 'partner', e.partner, 'url', e.url, 'letters', t.letters) ORDER BY t.letters DESC) AS endpoints
             FROM (SELECT group_id, endpoint_id, count(*) AS letters FROM dead_letters
                    WHERE endpoint_id IS NOT NULL AND status = ANY(${unsettledStatuses}::text[]) AND group_id = ANY(ARRAY(SELECT id FROM asked)) GROUP BY 1, 2) t
             JOIN webhook_endpoints e ON e.id = t.endpoint_id GROUP BY t.group_id),
         once AS MATERIALIZED (
           SELECT currency, count(*) AS orders, sum(total_cents)::bigint AS cents FROM orders
            WHERE NOT is_test AND id IN (SELECT order_id FROM dead_letters
                    WHERE status = ANY(${unsettledStatuses}::text[]) AND group_id = ANY(ARRAY(SELECT id FROM asked))) GROUP BY currency)
    SELECT (SELECT jsonb_agg(jsonb_build_object('id', g.id, 'consumer', g.consumer, 'messageType', g.message_type, 'errorClass', g.error_class,
              'errorShape', g.error_shape, 'frame', g.frame, 'status', g.status, 'note', g.note, 'owner', g.owner, 'deaths', g.deaths,
              'letters', coalesce(c.letters, 0), 'replaying', coalesce(m.replaying, 0), 'succeeded', coalesce(m.succeeded, 0),
              'orders', coalesce(p.orders, 0), 'customers', coalesce(p.customers, 0), 'money', coalesce(w.money, '[]'),
              'oldestDiedAt', c.oldest, 'firstSeenAt', g.first_seen_at, 'lastSeenAt', g.last_seen_at,
              'firstSeenVersion', g.first_seen_version, 'endpoints', coalesce(a.endpoints, '[]')))
              FROM asked g LEFT JOIN counted c ON c.group_id = g.id LEFT JOIN moved m ON m.group_id = g.id LEFT JOIN people p ON p.group_id = g.id
              LEFT JOIN worth w ON w.group_id = g.id LEFT JOIN aimed a ON a.group_id = g.id) AS groups,
           (SELECT coalesce(sum(letters), 0)::bigint FROM counted) AS letters, (SELECT coalesce(sum(orders), 0)::bigint FROM once) AS orders,
           (SELECT jsonb_agg(jsonb_build_object('currency', currency, 'cents', cents) ORDER BY currency) FROM once) AS money`);

const HOURS = 24;

/** Deaths per hour of the last 24 hours, oldest first. */
async function readTrends(from: Db, groupId: string | null): Promise<Map<string, number[]>> {
  const rows = await from.rows<{ group: string; hoursAgo: number; deaths: number }>(sql`
    SELECT l.group_id AS "group", floor(date_part('epoch', now() - d.failed_at) / 3600)::int AS "hoursAgo", count(*) AS deaths
      FROM dead_letter_deaths d JOIN dead_letters l ON l.id = d.letter_id
     WHERE d.failed_at > now() - interval '24 hours' AND d.failed_at <= now() AND (${groupId}::uuid IS NULL OR l.group_id = ${groupId}::uuid)
     GROUP BY 1, 2`);
  const trends = new Map<string, number[]>();
  for (const { group, hoursAgo, deaths } of rows) {
    const trend = trends.get(group) ?? Array.from({ length: HOURS }, () => 0);
    trend[HOURS - 1 - hoursAgo] = deaths;
    trends.set(group, trend);
  }
  return trends;
}

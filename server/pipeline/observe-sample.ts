import { z } from "zod";
import { Known } from "#contracts/api/operations";
import type { ObservedGroup } from "#server/messaging/kafka-observe";
import { type Db, db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { OBSERVED_CHANNEL } from "./observe-channels.ts";
import type { QueueFigures } from "./observe-queues.ts";

/** A group as it stands in the newest sample. Offsets as text. */
const GroupNow = z.object({
  group: z.string(),
  topic: z.string(),
  state: z.string(),
  members: z.int(),
  committed: z.array(z.string()),
  starts: z.array(z.string()),
  ends: z.array(z.string()),
  owners: z.array(z.string().nullable()),
  firstUnreadMs: z.array(z.number().nullable()),
});
export type GroupNow = z.infer<typeof GroupNow>;

/** The figures of one moment. `now` stands in the newest sample alone: it is large. */
export const Figures = z.object({
  known: Known,
  /** Over our own groups and queues; null = the broker did not answer. */
  lag: z.number().nullable(),
  depth: z.number().nullable(),
  /** Counters that only grow. */
  placed: z.number(),
  shipped: z.number(),
  deaths: z.number(),
  /** Placed to shipped, median of the orders shipped since the sample before, ms. */
  latencyMs: z.number().nullable(),
  /** Where the look into the outbox for the latency ended. */
  outboxId: z.number(),
  now: z.object({ groups: z.array(GroupNow) }).optional(),
});
export type Figures = z.infer<typeof Figures>;

export const toNow = ({ committed, starts, ends, ...group }: ObservedGroup): GroupNow => ({
  ...group,
  committed: committed.map(String),
  starts: starts.map(String),
  ends: ends.map(String),
});

/** The newest sample, or null before the first. */
export async function readLatest(): Promise<{ at: Date; figures: Figures } | null> {
  const [row] = await db.rows<{ sampled_at: Date; figures: unknown }>(
    sql`SELECT sampled_at, figures FROM pipeline_samples ORDER BY sampled_at DESC LIMIT 1`,
  );
  // A sample of another version is as good as none.
  const figures = Figures.safeParse(row?.figures).data;
  return row && figures ? { at: row.sampled_at, figures } : null;
}

export async function readLatestQueues(): Promise<{ at: Date; queues: QueueFigures[] } | null> {
  const [row] = await db.rows<{ sampled_at: Date; queues: QueueFigures[] }>(
    sql`SELECT sampled_at, queues FROM queue_samples ORDER BY id DESC LIMIT 1`,
  );
  return row ? { at: row.sampled_at, queues: row.queues } : null;
}

/** Stores one moment and tells who listens. `groups` may leave out those of which nothing is new. */
export async function storeSample(
  tx: Db,
  {
    at,
    figures,
    groups,
    queues,
  }: { at: Date; figures: Figures; groups: readonly GroupNow[]; queues: readonly QueueFigures[] | null },
): Promise<void> {
  await tx.rows(sql`
    WITH former AS (
      UPDATE pipeline_samples SET figures = figures - 'now' WHERE sampled_at = (SELECT max(sampled_at) FROM pipeline_samples)
    ), newest AS (
      INSERT INTO pipeline_samples (sampled_at, figures) VALUES (${at}::timestamptz, ${JSON.stringify(figures)}::jsonb) ON CONFLICT DO NOTHING
    ), places AS (
      INSERT INTO group_samples (sampled_at, group_id, topic, state, members, committed, ends)
      SELECT ${at}::timestamptz, g."group", g.topic, g.state, g.members, g.committed, g.ends
        FROM jsonb_to_recordset(${JSON.stringify(groups)}::jsonb)
          AS g("group" text, topic text, state text, members int, committed bigint[], ends bigint[])
    ), depths AS (
      INSERT INTO queue_samples (sampled_at, queues)
      SELECT ${at}::timestamptz, ${JSON.stringify(queues ?? [])}::jsonb WHERE ${queues !== null}::boolean
    )
    SELECT pg_notify(${OBSERVED_CHANNEL}, '')`);
}

/** Counters and the median way of the orders shipped since `after`, an outbox id; null = begin here. */
export async function readCounters(
  after: number | null,
): Promise<Pick<Figures, "placed" | "shipped" | "deaths" | "latencyMs" | "outboxId">> {
  const [row] = await db.rows<{
    placed: number;
    shipped: number;
    deaths: number;
    latencyMs: number | null;
    outboxId: number;
  }>(sql`
    SELECT (SELECT coalesce(sum(orders), 0)::bigint FROM order_status_counts) AS placed,
           (SELECT coalesce(sum(orders), 0)::bigint FROM order_status_counts WHERE status IN ('shipped', 'delivered')) AS shipped,
           (SELECT coalesce(sum(deaths), 0)::bigint FROM dead_letter_groups) AS deaths,
           (SELECT coalesce(max(id), 0) FROM outbox) AS "outboxId",
           (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.occurred_at - v.placed_at) * 1000)
              FROM (SELECT key, type, occurred_at FROM outbox WHERE id > ${after ?? Number.MAX_SAFE_INTEGER} ORDER BY id LIMIT 20000) o
              JOIN order_views v ON v.order_id = o.key::uuid
             WHERE o.type = 'shipping.created') AS "latencyMs"`);
  return { ...row!, latencyMs: row!.latencyMs === null ? null : Math.round(row!.latencyMs) };
}

/**
 * 24 h are kept, after 10 minutes one sample in 10 s. Run it about once a minute: it looks at the minutes that have just
 * become old, and a longer stop leaves a finer stretch behind.
 */
export async function cleanSamples(): Promise<void> {
  await db.rows(sql`DELETE FROM group_samples WHERE sampled_at < now() - interval '24 hours'`);
  await db.rows(sql`DELETE FROM queue_samples WHERE sampled_at < now() - interval '24 hours'`);
  await db.rows(sql`DELETE FROM pipeline_samples WHERE sampled_at < now() - interval '24 hours'`);
  await db.rows(sql`
    DELETE FROM group_samples WHERE id IN (
      SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY group_id, topic, floor(extract(epoch FROM sampled_at) / 10) ORDER BY id) AS place
          FROM group_samples WHERE sampled_at BETWEEN now() - interval '20 minutes' AND now() - interval '10 minutes') AS old
       WHERE place > 1)`);
  await db.rows(sql`
    DELETE FROM queue_samples WHERE id IN (
      SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY floor(extract(epoch FROM sampled_at) / 10) ORDER BY id) AS place
          FROM queue_samples WHERE sampled_at BETWEEN now() - interval '20 minutes' AND now() - interval '10 minutes') AS old
       WHERE place > 1)`);
  await db.rows(sql`
    DELETE FROM pipeline_samples WHERE sampled_at IN (
      SELECT sampled_at FROM (
        SELECT sampled_at, row_number() OVER (PARTITION BY floor(extract(epoch FROM sampled_at) / 10) ORDER BY sampled_at) AS place
          FROM pipeline_samples WHERE sampled_at BETWEEN now() - interval '20 minutes' AND now() - interval '10 minutes') AS old
       WHERE place > 1)`);
}

/** Marks in the curves where another version began to run. */
export async function noteDeploy(version: string): Promise<void> {
  await db.rows(sql`
    INSERT INTO pipeline_marks (kind, label)
    SELECT 'deploy', ${`Version ${version}`}::text
     WHERE (SELECT label FROM pipeline_marks WHERE kind = 'deploy' ORDER BY id DESC LIMIT 1) IS DISTINCT FROM ${`Version ${version}`}::text`);
}

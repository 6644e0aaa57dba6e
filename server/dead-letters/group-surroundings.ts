import { deadLetterQueueName, queues as families, type QueueFamily } from "#contracts/topology";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { type Happening, hintOf, SOON_MS } from "./prepare-groups.ts";

/** Older than this, what was seen of the broker is not told as if it were so now, ms. */
const FRESH_MS = 30_000;
const all: readonly QueueFamily[] = Object.values(families);
const deadLetterQueues = all.filter(({ bestEffort }) => !bestEffort).map(deadLetterQueueName);

/** Messages ready in RabbitMQ's dead-letter queues, not collected yet, as last observed; null = not observed lately. */
export async function readInBrokers(from: Db): Promise<number | null> {
  const [row] = await from.rows<{ ready: number }>(sql`
    SELECT (SELECT coalesce(sum((q ->> 'ready')::bigint), 0)::bigint FROM jsonb_array_elements(s.queues) q
             WHERE q ->> 'name' = ANY(${deadLetterQueues}::text[])) AS ready
      FROM queue_samples s WHERE s.sampled_at > now() - ${FRESH_MS} * interval '1 millisecond'
     ORDER BY s.sampled_at DESC LIMIT 1`);
  return row?.ready ?? null;
}

/** What happened shortly before each of these groups was first seen: a new version first, else what came last. */
export async function readHints(from: Db, groupId: string | null): Promise<Map<string, string>> {
  const rows = await from.rows<Happening & { groupId: string }>(sql`
    WITH happenings AS (
      SELECT m.occurred_at AS at, m.kind, m.label AS name FROM pipeline_marks m
       WHERE m.kind = 'drill' OR (m.kind = 'deploy' AND EXISTS (SELECT 1 FROM pipeline_marks e WHERE e.kind = 'deploy' AND e.id < m.id))
      UNION ALL SELECT created_at, 'redirect', from_name FROM redirect_rules
      UNION ALL SELECT started_at, 'run', name FROM replay_runs WHERE started_at IS NOT NULL)
    SELECT DISTINCT ON (g.id) g.id AS "groupId", h.kind, h.name, date_part('epoch', g.first_seen_at - h.at) * 1000 AS "elapsedMs"
      FROM dead_letter_groups g
      JOIN happenings h ON h.at BETWEEN g.first_seen_at - ${SOON_MS} * interval '1 millisecond' AND g.first_seen_at
     WHERE ${groupId}::uuid IS NULL OR g.id = ${groupId}::uuid
     ORDER BY g.id, h.kind = 'deploy' DESC, h.at DESC`);
  return new Map(rows.map((row) => [row.groupId, hintOf(row)]));
}

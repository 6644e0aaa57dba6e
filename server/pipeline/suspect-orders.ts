import { events } from "#contracts/messages/index";
import { eventReaders, nextWorkerAfter } from "#contracts/process-map";
import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import type { Suspect } from "./findings.ts";

const SAMPLE_KEEPS_MS = 60_000;
const LOOKED_AT = 20_000;

/** Events after which somebody has to ship the order or undo it. */
const leading = events.map(({ type }) => type).filter((type) => nextWorkerAfter(type) !== null);

/**
 * Orders whose money we have and that nobody is about to ship: not undone, not stuck at a provider, no attempt due, no
 * dead letter, nothing on its way to Kafka, and the worker whose turn it is has read past their newest event. A worker
 * that is only behind, paused or stopped is no finding: what waits is not lost.
 */
export async function suspectUnshipped(olderThanMs: number): Promise<Suspect[]> {
  const prefix = env().TOPIC_PREFIX;
  return db.rows<Suspect>(sql`
    WITH paid AS (
      SELECT o.id, o.status, p.settled_at
        FROM (SELECT order_id FROM order_views WHERE status IN ('placed', 'paid', 'reserved') ORDER BY placed_at LIMIT ${LOOKED_AT}) v
        JOIN orders o ON o.id = v.order_id JOIN payments p ON p.order_id = o.id
       WHERE o.status IN ('placed', 'paid', 'reserved') AND p.status = 'captured' AND p.settled_at < now() - ${olderThanMs} * interval '1 millisecond'),
    idle AS (
      SELECT paid.* FROM paid
       WHERE NOT EXISTS (SELECT 1 FROM order_sagas s WHERE s.order_id = paid.id AND (s.status <> 'running' OR s.stuck_since IS NOT NULL))
         AND NOT EXISTS (SELECT 1 FROM shipments s WHERE s.order_id = paid.id AND s.status IN ('created', 'delivered'))
         AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.order_id = paid.id AND l.status IN ('dead', 'uncertain', 'quarantined', 'replaying'))
         AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.key = paid.id::text AND e.sent_at IS NULL)
         AND NOT EXISTS (SELECT 1 FROM outbox e JOIN reminders r ON r.message_id = e.event_id
                          WHERE e.key = paid.id::text AND r.consumer = ANY(${eventReaders.map(({ worker }) => worker)}::text[]))),
    turn AS (
      SELECT idle.*, e.event_id, e.type, e.kafka_partition, e.kafka_offset, n.worker
        FROM idle
        JOIN LATERAL (SELECT * FROM outbox WHERE key = idle.id::text AND topic = ${topics.orderEvents.name} AND type = ANY(${leading}::text[])
                       ORDER BY seq DESC LIMIT 1) e ON true
        JOIN unnest(${leading}::text[], ${leading.map((type) => nextWorkerAfter(type))}::text[]) AS n(type, worker) ON n.type = e.type)
    SELECT 'paid_not_shipped' AS kind, id AS "orderId", id::text AS subject,
           'Paid since ' || to_char(settled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC, not shipped, and nothing is under way: ' ||
           worker || ' had its turn after ' || type || '.' AS detail
      FROM turn
     WHERE EXISTS (SELECT 1 FROM inbox i WHERE i.consumer = turn.worker AND i.message_id = turn.event_id)
        OR turn.kafka_offset < (SELECT g.committed[turn.kafka_partition + 1] FROM group_samples g
                                 WHERE g.group_id = ${prefix} || turn.worker AND g.topic = ${prefix + topics.orderEvents.name}
                                   AND g.sampled_at > now() - ${SAMPLE_KEEPS_MS} * interval '1 millisecond'
                                 ORDER BY g.sampled_at DESC LIMIT 1)`);
}

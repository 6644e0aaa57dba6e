import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { Suspect } from "./findings.ts";

/** Rows the relay takes at once: behind so many older ones a row only waits its turn. */
const RELAYED_AT_ONCE = 500;
const RECENT_ROWS = 2_000;

/** Orders looked at for holes: those under way, those just placed, and a share of all the others. */
const UNDER_WAY = 5_000;
const RECENT = 10_000;
const SWEPT = 2_000;
/** Orders with holes that are kept in mind at most. */
const HELD = 500;

/**
 * Events that Kafka should have by now and does not, although it answers or took others meanwhile. A relay that works
 * off a backlog has other rows before it at each look.
 */
export async function suspectUnsent(olderThanMs: number): Promise<Suspect[]> {
  return db.rows<Suspect>(sql`
    WITH late AS (
      SELECT o.key::uuid AS order_id, o.seq, o.type, o.occurred_at FROM (
        SELECT * FROM outbox WHERE sent_at IS NULL AND topic = ${topics.orderEvents.name} ORDER BY id LIMIT ${RELAYED_AT_ONCE}) o
       WHERE o.relay_after < now() - ${olderThanMs} * interval '1 millisecond'),
    kafka AS (
      SELECT coalesce(
        (SELECT (figures #>> '{known,kafka,isUp}')::bool AND (figures #>> '{known,kafka,since}')::timestamptz < now() - ${olderThanMs} * interval '1 millisecond'
           FROM pipeline_samples WHERE sampled_at > now() - interval '30 seconds' ORDER BY sampled_at DESC LIMIT 1),
        (SELECT max(sent_at) > now() - interval '30 seconds' FROM (SELECT sent_at FROM outbox ORDER BY id DESC LIMIT ${RECENT_ROWS}) recent)) AS answers)
    SELECT 'event_not_in_kafka' AS kind, order_id AS "orderId", order_id || '#' || seq AS subject,
           type || ' (event ' || seq || ') was written ' || to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') ||
           ' UTC and has not reached Kafka, although Kafka answers.' AS detail
      FROM late, kafka WHERE kafka.answers`);
}

/**
 * Looks for holes in histories: an order counts its events, and one that was counted is not in the outbox. Number and
 * row are written in one transaction, so a hole is never only a matter of time.
 */
export function holeSearch(): { look(): Promise<Suspect[]> } {
  let sweptTo = "00000000-0000-0000-0000-000000000000";
  /** Where a hole was seen the last time: looked at again, wherever the sweep is by then. */
  let holed: string[] = [];
  return {
    async look() {
      const rows = await db.rows<{ orderId: string; sweptTo: string | null; missing: number[] | null }>(sql`
        WITH swept AS (SELECT id FROM orders WHERE id > ${sweptTo}::uuid ORDER BY id LIMIT ${SWEPT}),
             looked AS (
               (SELECT order_id AS id FROM order_views WHERE status IN ('placed', 'paid', 'reserved') ORDER BY placed_at DESC LIMIT ${UNDER_WAY})
               UNION (SELECT id FROM orders WHERE placed_at > now() - interval '2 minutes' ORDER BY placed_at DESC LIMIT ${RECENT})
               UNION SELECT id FROM swept UNION SELECT unnest(${holed}::uuid[])),
             holed AS (
               SELECT o.id, o.last_seq FROM orders o JOIN looked USING (id)
                WHERE o.last_seq > (SELECT count(*) FROM outbox e WHERE e.key = o.id::text AND e.topic = ${topics.orderEvents.name}))
        SELECT id AS "orderId", NULL AS "sweptTo",
               ARRAY(SELECT seq FROM generate_series(1, last_seq) AS seq
                     EXCEPT SELECT e.seq FROM outbox e WHERE e.key = holed.id::text AND e.topic = ${topics.orderEvents.name} ORDER BY 1) AS missing
          FROM holed
        UNION ALL SELECT NULL, (SELECT id FROM swept ORDER BY id DESC LIMIT 1), NULL`);
      sweptTo = rows.find((row) => row.missing === null)?.sweptTo ?? "00000000-0000-0000-0000-000000000000";
      const found = rows.filter(({ missing }) => missing !== null).slice(0, HELD);
      holed = found.map(({ orderId }) => orderId);
      return found.flatMap(({ orderId, missing }) =>
        (missing ?? []).map(
          (seq): Suspect => ({
            kind: "event_not_in_kafka",
            orderId,
            subject: `${orderId}#${seq}`,
            detail: `Event ${seq} of the order's history was written and is not in the outbox any more.`,
          }),
        ),
      );
    },
  };
}

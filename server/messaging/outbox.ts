import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { NewFact } from "./transaction.ts";

/** A row of the outbox as the relay and the workers send it. */
export type OutboxRow = {
  /** Outbox id; grows with time, has gaps, says nothing about commit order. */
  rowId: number;
  eventId: string;
  topic: string;
  key: string;
  seq: number;
  type: string;
  version: number;
  source: string;
  correlationId: string;
  causationId: string | null;
  occurredAt: string;
  data: unknown;
};

/**
 * Gives the facts of each order the next numbers of its history and stores them.
 * Locks the orders in the order of their ids, so that two workers can't wait for each other.
 */
export async function writeOutbox(tx: Tx, facts: readonly NewFact[], relayAfterMs: number): Promise<OutboxRow[]> {
  if (facts.length === 0) return [];
  const numbered = await number(tx, facts);
  const ids = await tx.rows<{ id: number; event_id: string }>(sql`
    INSERT INTO outbox (event_id, topic, key, seq, type, version, source, correlation_id, causation_id, occurred_at, data, relay_after)
    SELECT event_id, topic, key, seq, type, version, source, correlation_id, causation_id, occurred_at, data::jsonb,
           now() + ${relayAfterMs} * interval '1 millisecond'
      FROM unnest(${numbered.map((f) => f.eventId)}::uuid[], ${numbered.map((f) => f.topic)}::text[],
                  ${numbered.map((f) => f.key)}::text[], ${numbered.map((f) => f.seq)}::int[],
                  ${numbered.map((f) => f.type)}::text[], ${numbered.map((f) => f.version)}::int[],
                  ${numbered.map((f) => f.source)}::text[], ${numbered.map((f) => f.correlationId)}::uuid[],
                  ${numbered.map((f) => f.causationId)}::uuid[], ${numbered.map((f) => f.occurredAt)}::timestamptz[],
                  ${numbered.map((f) => JSON.stringify(f.data))}::text[])
        AS f(event_id, topic, key, seq, type, version, source, correlation_id, causation_id, occurred_at, data)
    RETURNING id, event_id`);
  const rowIds = new Map(ids.map((row) => [row.event_id, row.id]));
  return numbered.map((fact) => ({ ...fact, rowId: rowIds.get(fact.eventId)! }));
}

async function number(tx: Tx, facts: readonly NewFact[]): Promise<Omit<OutboxRow, "rowId">[]> {
  const counts = new Map<string, number>();
  for (const fact of facts) if (fact.seq === undefined) counts.set(fact.key, (counts.get(fact.key) ?? 0) + 1);
  const next = counts.size === 0 ? new Map<string, number>() : await takeNumbers(tx, counts);
  return facts.map(({ id, ...fact }) => {
    if (fact.seq !== undefined) return { ...fact, eventId: id, seq: fact.seq };
    const seq = next.get(fact.key);
    if (seq === undefined) throw new Error(`order ${fact.key} does not exist: ${fact.type} has no history to join`);
    next.set(fact.key, seq + 1);
    return { ...fact, eventId: id, seq };
  });
}

/** The first free number of each order; the numbers up to `count` further are taken. */
async function takeNumbers(tx: Tx, counts: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const rows = await tx.rows<{ id: string; first: number }>(sql`
    WITH wanted AS (SELECT * FROM unnest(${[...counts.keys()]}::uuid[], ${[...counts.values()]}::int[]) AS w(id, facts)),
         locked AS (SELECT o.id FROM orders o JOIN wanted USING (id) ORDER BY o.id FOR UPDATE OF o)
    UPDATE orders o SET last_seq = o.last_seq + w.facts
      FROM wanted w JOIN locked USING (id) WHERE o.id = w.id
    RETURNING o.id, o.last_seq - w.facts + 1 AS first`);
  return new Map(rows.map((row) => [row.id, row.first]));
}

/** Kafka has these rows; the relay need not look at them again. Positions are kept for the order's timeline. */
export async function markSent(
  db: Pick<Tx, "rows">,
  rows: readonly { rowId: number; partition: number | null; offset: string | null }[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.rows(sql`
    UPDATE outbox o SET sent_at = now(), kafka_partition = s.partition, kafka_offset = s.kafka_offset
      FROM unnest(${rows.map((r) => r.rowId)}::bigint[], ${rows.map((r) => r.partition)}::int[], ${rows.map((r) => r.offset)}::bigint[])
        AS s(id, partition, kafka_offset)
     WHERE o.id = s.id AND o.sent_at IS NULL`);
}

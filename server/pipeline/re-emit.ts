import { v7 as uuidv7 } from "uuid";
import type { ReEmitReply } from "#contracts/api/findings";
import type { Envelope } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import { nextWorkerAfter } from "#contracts/process-map";
import { topics } from "#contracts/topology";
import type { FindingKind } from "#contracts/vocabulary";
import { messageHeaders } from "#server/messaging/broker";
import { asHeaders, envelopeBytes } from "#server/messaging/kafka-message";
import { writeReminders } from "#server/messaging/reminders";
import { storeHeaders } from "#server/messaging/stored-headers";
import { wakeRelay } from "#server/messaging/wake-relay";
import type { Operation } from "#server/platform/act";
import type { Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { RE_EMIT_ACTION, seqOf } from "./findings.ts";
import { readRecords, rebuildEvent } from "./rebuild-event.ts";

export type Finding = { id: string; kind: FindingKind; orderId: string; subject: string; resolvedAt: Date | null };

/**
 * Sends anew what a finding misses, under its own id: whoever has done it already ignores it.
 * @throws Problem 404; 409 for a finding that is resolved, or an event of which no copy is left.
 */
export async function reEmit(operation: Operation, findingId: string, reason: string): Promise<ReEmitReply> {
  const finding = await lockFinding(operation.tx, findingId);
  const done = await sendFinding(operation.tx, finding);
  noteReEmit(operation, finding, reason, done);
  return { operationId: operation.id, ...done };
}

/** @throws Problem 404, 409 */
export async function lockFinding(tx: Tx, findingId: string): Promise<Finding> {
  const [finding] = await tx.rows<Finding>(sql`
    SELECT id, kind, order_id AS "orderId", subject, resolved_at AS "resolvedAt" FROM findings WHERE id = ${findingId}::uuid FOR UPDATE`);
  if (!finding) throw new Problem(404, "finding_not_found", "There is no finding with this id.");
  if (finding.resolvedAt) throw new Problem(409, "finding_resolved", "This finding is resolved; nothing is sent.");
  return finding;
}

/** Where it refuses, it has changed nothing. @throws Problem 409 */
export const sendFinding = (tx: Tx, finding: Finding): Promise<Done> => ways[finding.kind](tx, finding);

export function noteReEmit(operation: Operation, { id, kind, subject }: Finding, reason: string, done: Done): void {
  operation.intend({
    action: RE_EMIT_ACTION,
    subject: `finding:${id}`,
    reason,
    before: { kind, subject },
    after: done,
  });
}

export type Done = Omit<ReEmitReply, "operationId">;

const ways: Record<FindingKind, (tx: Tx, finding: Finding) => Promise<Done>> = {
  async event_not_in_kafka(tx, { orderId, subject }) {
    const seq = seqOf(subject);
    const type =
      (await sendAgain(tx, orderId, seq)) ?? (await restore(tx, orderId, seq)) ?? (await rebuild(tx, orderId, seq));
    if (!type)
      throw new Problem(409, "no_copy_left", `Event ${seq} is gone and no copy of it is left: it can't be sent again.`);
    wakeRelay();
    return { what: "event", detail: `${type} (event ${seq}) leaves for Kafka.` };
  },

  /** The fact goes to `dispatch-tasks` once more, which asks for all its jobs; those done are known by their ids. */
  async job_lost(tx, { orderId, subject }) {
    const [worker, , factId = ""] = subject.split("/");
    const type = await handAgain(tx, orderId, factId, "dispatch-tasks");
    return { what: "job", detail: `${type} is handed to dispatch-tasks, which asks ${worker} again.` };
  },

  /** The worker whose turn it is gets the newest event once more, also where it says that it has handled it. */
  async paid_not_shipped(tx, { orderId }) {
    const history = await tx.rows<{ id: string; type: string }>(sql`
      SELECT event_id AS id, type FROM outbox WHERE key = ${orderId} AND topic = ${topics.orderEvents.name} ORDER BY seq DESC`);
    const newest = history.find(({ type }) => nextWorkerAfter(type) !== null);
    if (!newest) throw new Problem(409, "no_copy_left", "The order has no event that a worker could go on from.");
    const worker = nextWorkerAfter(newest.type)!;
    await handAgain(tx, orderId, newest.id, worker);
    return { what: "event", detail: `${newest.type} is handed to ${worker} again.` };
  },
};

/** The outbox says it anew, byte for byte. @returns its type; null = it is not in the outbox. */
async function sendAgain(tx: Tx, orderId: string, seq: number): Promise<string | null> {
  const [row] = await tx.rows<{ type: string }>(sql`
    UPDATE outbox SET sent_at = NULL, relay_after = now(), kafka_partition = NULL, kafka_offset = NULL
     WHERE key = ${orderId} AND topic = ${topics.orderEvents.name} AND seq = ${seq} RETURNING type`);
  return row?.type ?? null;
}

/** Puts a lost row back from the copy that the audit kept. */
async function restore(tx: Tx, orderId: string, seq: number): Promise<string | null> {
  const [row] = await tx.rows<{ type: string }>(sql`
    INSERT INTO outbox (event_id, topic, key, seq, type, version, source, correlation_id, causation_id, occurred_at, data)
    SELECT fact_id, ${topics.orderEvents.name}, ${orderId}, ${seq}, type, (body ->> 'version')::int, body ->> 'source',
           (body ->> 'correlationId')::uuid, (body ->> 'causationId')::uuid, (body ->> 'occurredAt')::timestamptz, body -> 'data'
      FROM audit_facts WHERE order_id = ${orderId}::uuid AND (body ->> 'seq')::int = ${seq} LIMIT 1
    ON CONFLICT DO NOTHING RETURNING type`);
  return row?.type ?? null;
}

/** Says anew, as a new event, what the tables say was done and the history does not. */
async function rebuild(tx: Tx, orderId: string, seq: number): Promise<string | null> {
  const [records] = await readRecords(tx, [orderId]);
  const event = records && rebuildEvent(records, seq);
  if (!event) return null;
  await tx.rows(sql`
    INSERT INTO outbox (event_id, topic, key, seq, type, version, source, correlation_id, occurred_at, data)
    VALUES (${uuidv7()}::uuid, ${topics.orderEvents.name}, ${orderId}, ${seq}, ${event.type}, ${contractsByType.get(event.type)!.version},
            'reconcile', ${records.correlationId}::uuid, now(), ${JSON.stringify(event.data)}::jsonb)`);
  return event.type;
}

/** Hands an event to one worker and nobody else, as if it had never had it. Its effects are safe to repeat by design. */
async function handAgain(tx: Tx, orderId: string, eventId: string, worker: string): Promise<string> {
  const [event] = await tx.rows<Omit<Envelope, "occurredAt"> & { occurredAt: Date }>(sql`
    SELECT event_id AS id, type, version, key AS "orderId", seq, source, correlation_id AS "correlationId",
           causation_id AS "causationId", occurred_at AS "occurredAt", data
      FROM outbox WHERE key = ${orderId} AND topic = ${topics.orderEvents.name} AND event_id = ${eventId}::uuid`);
  if (!event) throw new Problem(409, "no_copy_left", "The event behind this is not in the outbox any more.");
  const envelope: Envelope = { ...event, occurredAt: event.occurredAt.toISOString() };
  await tx.rows(sql`DELETE FROM inbox WHERE consumer = ${worker} AND message_id = ${eventId}::uuid`);
  const headers = storeHeaders(asHeaders(messageHeaders(envelope)));
  await writeReminders(tx, [
    {
      consumer: worker,
      messageId: eventId,
      dueInMs: 0,
      key: Buffer.from(orderId),
      value: envelopeBytes(envelope),
      headers,
    },
  ]);
  return event.type;
}

import { letterIdFor } from "#contracts/letter-ids";
import { eventReaders, type Job, type JobsFor, queueReaders, readersOf } from "#contracts/process-map";
import { topics } from "#contracts/topology";
import type { DeadLetterStatus, OrderStatus, ReplayStatus } from "#contracts/vocabulary";
import { type Purge, purgedOf } from "#server/platform/audit";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";

/** An event of the order as the outbox keeps it. Times are ISO 8601 everywhere here. */
export type StoryEvent = {
  eventId: string;
  seq: number;
  type: string;
  source: string;
  occurredAt: string;
  sentAt: string | null;
  partition: number | null;
  offset: number | null;
  data: Record<string, unknown>;
};

export type StoryLetter = {
  id: string;
  status: DeadLetterStatus;
  consumer: string | null;
  source: string;
  messageId: string | null;
  messageType: string | null;
  diedAt: string;
  errorMessage: string;
  deaths: {
    id: number;
    failedAt: string;
    collectedAt: string;
    errorClass: string;
    errorMessage: string;
    worker: string | null;
    attempts: number;
  }[];
  edits: { number: number; actor: string; reason: string; createdAt: string }[];
  replays: {
    id: string;
    status: ReplayStatus;
    detail: string | null;
    by: string | null;
    claimedAt: string | null;
    sentAt: string | null;
    settledAt: string | null;
  }[];
};

export type StoryRetry = {
  consumer: string;
  messageId: string;
  attempts: number;
  dueAt: string;
  createdAt: string;
  lastError: string | null;
};

/** Where a worker's group stood on `order.events`, now and a while before. Offsets by partition; -1 = never committed. */
export type GroupPlace = {
  worker: string;
  sampledAt: string;
  members: number;
  committed: number[];
  earlierAt: string | null;
  earlier: number[] | null;
};

/** Messages that wait in a queue, and how many consumers read it. */
export type QueuePlace = { ready: number; consumers: number };

type Standing = { isUp: boolean; since: string | null };

/** All there is to know of one order, from everywhere. */
export type StoryFacts = {
  now: string;
  order: {
    id: string;
    number: number;
    status: OrderStatus;
    paymentMethod: "prepaid" | "cod";
    totalCents: number;
    currency: string;
    lastSeq: number;
    placedAt: string;
  };
  events: StoryEvent[];
  /** The jobs that each event asked for, by event id. */
  jobs: Map<string, Job[]>;
  payment: {
    status: string;
    amountCents: number;
    currency: string;
    chargeId: string | null;
    declineReason: string | null;
    createdAt: string;
    settledAt: string | null;
  } | null;
  refunds: { key: string; amountCents: number; reason: string; createdAt: string; settledAt: string | null }[];
  shipment: {
    status: string;
    carrier: string | null;
    trackingNumber: string | null;
    createdAt: string;
    settledAt: string | null;
  } | null;
  saga: { status: string; deadlineAt: string; cancelReason: string | null; stuckSince: string | null } | null;
  mails: { kind: string; subject: string; sentAt: string }[];
  documents: { kind: string; number: number; createdAt: string; isMade: boolean }[];
  deliveries: {
    endpointId: string;
    partner: string;
    factId: string;
    factType: string;
    httpStatus: number;
    deliveredAt: string;
  }[];
  endpoints: { id: string; partner: string; factTypes: string[]; createdAt: string; isActive: boolean }[];
  findings: { id: string; kind: string; detail: string; foundAt: string }[];
  pauses: { worker: string; reason: string; pausedBy: string; pausedAt: string }[];
  groups: GroupPlace[];
  /** Which broker answered at the latest look; null = nobody has looked for a while. */
  known: { kafka: Standing; rabbitmq: Standing } | null;
  /** Queues at the latest look; null = nobody has looked for a while. */
  queues: Record<string, QueuePlace> | null;
  /** `worker/message id` → when its effects were in the database. */
  processed: Map<string, string>;
  retries: StoryRetry[];
  letters: StoryLetter[];
  /** `worker/message id` → how its dead letter was purged: it is nobody's any more, and neither waits nor comes. */
  purges: Map<string, Purge>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads an order's story in two round trips, three while something of it is open. @throws Problem 404. */
export async function readStoryFacts(orderId: string, jobsFor: JobsFor): Promise<StoryFacts> {
  const [row] = uuid.test(orderId) ? await readOrder(orderId) : [];
  if (!row) throw new Problem(404, "order_not_found", "There is no order with this id.");
  const { sagaRetries, queues, ...own } = withIsoTimes(row.facts) as Omit<
    StoryFacts,
    "jobs" | "processed" | "retries" | "letters" | "purges" | "queues"
  > & { sagaRetries: StoryRetry[]; queues: unknown };
  const jobs = new Map(
    own.events.map((event) => [event.eventId, jobsFor({ ...event, id: event.eventId, orderId }, own.endpoints)]),
  );
  const ids = [...jobs].flatMap(([eventId, asked]) => [eventId, ...asked.map(({ messageId }) => messageId)]);
  const [second] = await readTraces(orderId, ids);
  const traces = withIsoTimes(second!.traces) as {
    processed: { consumer: string; messageId: string; processedAt: string }[];
    retries: StoryRetry[];
    letters: StoryLetter[];
  };
  const processed = new Map(traces.processed.map((one) => [`${one.consumer}/${one.messageId}`, one.processedAt]));
  return {
    ...own,
    jobs,
    queues: queuesOf(queues),
    processed,
    retries: [...traces.retries, ...sagaRetries],
    letters: traces.letters,
    purges: await purgesOf(own.events, jobs, processed),
  };
}

/** Only what nobody has handled can have been purged. */
async function purgesOf(
  events: readonly StoryEvent[],
  jobs: StoryFacts["jobs"],
  processed: StoryFacts["processed"],
): Promise<StoryFacts["purges"]> {
  const open = events
    .flatMap(({ eventId, type }) => [
      ...readersOf(type).map(({ worker }) => ({ worker, messageId: eventId })),
      ...(jobs.get(eventId) ?? []),
    ])
    .map(({ worker, messageId }) => ({ key: `${worker}/${messageId}`, letterId: letterIdFor(worker, messageId) }))
    .filter(({ key }) => !processed.has(key));
  const purged = await purgedOf(
    db,
    open.map(({ letterId }) => letterId),
  );
  return new Map(
    open.flatMap(({ key, letterId }) => {
      const purge = purged.get(letterId);
      return purge ? [[key, purge] as const] : [];
    }),
  );
}

const SAMPLES_KEEP_MS = 60_000;

/** A refused compensation waits under the id of the saga's own note, which only its bytes tell to be this order's. */
const readOrder = (orderId: string): Promise<{ facts: unknown }[]> =>
  db.rows(sql`
    SELECT jsonb_build_object(
      'now', now(),
      'order', jsonb_build_object('id', o.id, 'number', o.number, 'status', o.status, 'paymentMethod', o.payment_method,
                 'totalCents', o.total_cents, 'currency', o.currency, 'lastSeq', o.last_seq, 'placedAt', o.placed_at),
      'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('eventId', event_id, 'seq', seq, 'type', type, 'source', source,
                   'occurredAt', occurred_at, 'sentAt', sent_at, 'partition', kafka_partition, 'offset', kafka_offset,
                   'data', data - 'paymentToken') ORDER BY seq), '[]')
                   FROM outbox WHERE key = o.id::text AND topic = ${topics.orderEvents.name}),
      'payment', (SELECT jsonb_build_object('status', status, 'amountCents', amount_cents, 'currency', currency, 'chargeId', charge_id,
                    'declineReason', decline_reason, 'createdAt', created_at, 'settledAt', settled_at) FROM payments WHERE order_id = o.id),
      'refunds', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', r.key, 'amountCents', r.amount_cents, 'reason', r.reason,
                    'createdAt', r.created_at, 'settledAt', r.settled_at) ORDER BY r.created_at), '[]')
                    FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.order_id = o.id),
      'shipment', (SELECT jsonb_build_object('status', status, 'carrier', carrier, 'trackingNumber', tracking_number,
                     'createdAt', created_at, 'settledAt', settled_at) FROM shipments WHERE order_id = o.id),
      'saga', (SELECT jsonb_build_object('status', status, 'deadlineAt', deadline_at, 'cancelReason', cancel_reason, 'stuckSince', stuck_since)
                 FROM order_sagas WHERE order_id = o.id),
      'mails', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'subject', subject, 'sentAt', sent_at) ORDER BY sent_at), '[]')
                  FROM mails WHERE order_id = o.id),
      'documents', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'number', number, 'createdAt', created_at,
                      'isMade', content IS NOT NULL) ORDER BY created_at), '[]') FROM documents WHERE order_id = o.id),
      'deliveries', (SELECT coalesce(jsonb_agg(jsonb_build_object('endpointId', d.endpoint_id, 'partner', e.partner, 'factId', d.fact_id,
                       'factType', d.fact_type, 'httpStatus', d.http_status, 'deliveredAt', d.delivered_at) ORDER BY d.delivered_at), '[]')
                       FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE d.order_id = o.id),
      'endpoints', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'partner', partner, 'factTypes', fact_types,
                      'createdAt', created_at, 'isActive', is_active)), '[]') FROM webhook_endpoints),
      'findings', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'detail', detail, 'foundAt', found_at) ORDER BY found_at), '[]')
                     FROM findings WHERE order_id = o.id AND resolved_at IS NULL),
      'pauses', (SELECT coalesce(jsonb_agg(jsonb_build_object('worker', worker, 'reason', reason, 'pausedBy', paused_by, 'pausedAt', paused_at)), '[]')
                   FROM worker_pauses),
      'groups', (SELECT coalesce(jsonb_agg(jsonb_build_object('worker', g.worker, 'sampledAt', n.sampled_at, 'members', n.members,
                   'committed', n.committed, 'earlierAt', e.sampled_at, 'earlier', e.committed)), '[]')
                   FROM unnest(${eventReaders.map(({ worker }) => worker)}::text[]) AS g(worker)
                   JOIN LATERAL (SELECT * FROM group_samples WHERE group_id IN (g.worker, ${env().TOPIC_PREFIX} || g.worker)
                                    AND topic IN (${topics.orderEvents.name}, ${env().TOPIC_PREFIX + topics.orderEvents.name})
                                    AND sampled_at > now() - ${SAMPLES_KEEP_MS} * interval '1 millisecond'
                                  ORDER BY sampled_at DESC LIMIT 1) n ON true
                   LEFT JOIN LATERAL (SELECT * FROM group_samples WHERE group_id = n.group_id AND topic = n.topic
                                         AND sampled_at BETWEEN n.sampled_at - interval '60 seconds' AND n.sampled_at - interval '10 seconds'
                                       ORDER BY sampled_at LIMIT 1) e ON true),
      'known', (SELECT figures -> 'known' FROM pipeline_samples WHERE sampled_at > now() - ${SAMPLES_KEEP_MS} * interval '1 millisecond'
                 ORDER BY sampled_at DESC LIMIT 1),
      'queues', (SELECT queues FROM queue_samples WHERE sampled_at > now() - ${SAMPLES_KEEP_MS} * interval '1 millisecond'
                  ORDER BY sampled_at DESC LIMIT 1),
      'sagaRetries', (SELECT coalesce(jsonb_agg(jsonb_build_object('consumer', r.consumer, 'messageId', r.message_id, 'attempts', r.attempts,
                        'dueAt', r.due_at, 'createdAt', r.created_at, 'lastError', r.last_error)), '[]')
                        FROM order_sagas s JOIN reminders r ON r.consumer = 'order-saga'
                       WHERE s.order_id = o.id AND s.status <> 'done' AND (s.status = 'compensating' OR s.deadline_at < now())
                         AND r.attempts > 0 AND r.topic IS NULL AND position(convert_to(o.id::text, 'UTF8') IN r.value) > 0)
    ) AS facts
      FROM orders o WHERE o.id = ${orderId}::uuid`);

const readTraces = (orderId: string, ids: readonly string[]): Promise<{ traces: unknown }[]> => {
  const workers = [...eventReaders, ...queueReaders].map(({ worker }) => worker);
  return db.rows(sql`
    WITH letters AS (SELECT * FROM dead_letters WHERE order_id = ${orderId}::uuid
                     UNION SELECT * FROM dead_letters WHERE message_id = ANY(${ids}::uuid[]))
    SELECT jsonb_build_object(
      'processed', (SELECT coalesce(jsonb_agg(jsonb_build_object('consumer', consumer, 'messageId', message_id, 'processedAt', processed_at)), '[]')
                      FROM inbox WHERE consumer = ANY(${workers}::text[]) AND message_id = ANY(${ids}::uuid[])),
      'retries', (SELECT coalesce(jsonb_agg(jsonb_build_object('consumer', consumer, 'messageId', message_id, 'attempts', attempts,
                    'dueAt', due_at, 'createdAt', created_at, 'lastError', last_error) ORDER BY due_at), '[]')
                    FROM reminders WHERE consumer = ANY(${workers}::text[]) AND message_id = ANY(${ids}::uuid[])),
      'letters', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'status', l.status, 'consumer', l.consumer, 'source', l.source,
                    'messageId', l.message_id, 'messageType', l.message_type, 'diedAt', l.died_at, 'errorMessage', l.error_message,
                    'deaths', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'failedAt', d.failed_at, 'collectedAt', d.collected_at,
                                 'errorClass', d.error_class, 'errorMessage', d.error_message, 'worker', d.worker, 'attempts', d.attempts) ORDER BY d.id), '[]')
                                 FROM dead_letter_deaths d WHERE d.letter_id = l.id),
                    'edits', (SELECT coalesce(jsonb_agg(jsonb_build_object('number', e.number, 'actor', e.actor, 'reason', e.reason,
                                'createdAt', e.created_at) ORDER BY e.number), '[]') FROM dead_letter_edits e WHERE e.letter_id = l.id),
                    'replays', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'status', r.status, 'detail', r.detail, 'by', run.accepted_by,
                                  'claimedAt', r.claimed_at, 'sentAt', r.sent_at, 'settledAt', r.settled_at) ORDER BY r.claimed_at), '[]')
                                  FROM replays r JOIN replay_runs run ON run.id = r.run_id
                                 WHERE r.letter_id = l.id AND r.status NOT IN ('planned', 'cancelled', 'skipped'))) ORDER BY l.died_at), '[]')
                    FROM letters l)) AS traces`);
};

/** JSON's times as ISO 8601 in UTC with milliseconds; PostgreSQL writes an offset and any number of digits. */
function withIsoTimes(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => withIsoTimes(one));
  if (typeof value === "object" && value !== null && key !== "data")
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withIsoTimes(one, name)]));
  const isTime = typeof value === "string" && (key.endsWith("At") || key === "now" || key === "stuckSince");
  return isTime ? new Date(value).toISOString() : value;
}

/** What a sample says of each queue, whatever else it says. */
function queuesOf(queues: unknown): Record<string, QueuePlace> | null {
  if (!Array.isArray(queues)) return null;
  return Object.fromEntries(
    queues.map(({ name, ready, consumers }: QueuePlace & { name: string }) => [name, { ready, consumers }]),
  );
}

import type { StoredHeader } from "#contracts/api/dead-letters";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import type { RawMessage } from "./broker.ts";
import { deadLetter, retryDelayMs, retryReminder } from "./dead-letter.ts";
import { decode } from "./decode.ts";
import { type Delivery, type HandleOptions, handle } from "./handle.ts";
import type { KafkaPort } from "./kafka.ts";
import { asHeaders } from "./kafka-message.ts";
import { headersOf } from "./stored-headers.ts";
import type { WorkerDefinition } from "./worker.ts";

const BATCH = 200;
const POLL_MS = 500;
/** A claimed reminder whose process died is due again after this. */
const LEASE_MS = 60_000;

type PublishFor = (worker: WorkerDefinition) => HandleOptions["publish"];

type Row = {
  consumer: string;
  message_id: string;
  attempts: number;
  topic: string | null;
  partition: number | null;
  offset: string | null;
  key: Buffer | null;
  value: Buffer;
  headers: Record<string, string> | StoredHeader[];
};

/**
 * Delivers due reminders to the workers of this process: retries of Kafka messages and the workers' notes to themselves.
 * A paused worker's wait in their rows. A worker that waits for somebody outside, or fails, holds up no other.
 */
export function startReminders(
  workers: readonly WorkerDefinition[],
  kafka: Pick<KafkaPort, "send">,
  publishFor: PublishFor,
  isPaused: (worker: string) => boolean = () => false,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const working = () => workers.filter(({ name }) => !isPaused(name));
  const running = keepDelivering(working, kafka, publishFor, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function keepDelivering(
  working: () => readonly WorkerDefinition[],
  kafka: Pick<KafkaPort, "send">,
  publishFor: PublishFor,
  stopping: AbortSignal,
): Promise<void> {
  const busy = new Map<string, Promise<void>>();
  const warn = (error: Error) => log().warn({ error: error.message }, "reminders pause");
  while (!stopping.aborted) {
    const free = working().filter(({ name }) => !busy.has(name));
    const claimed = await claimDue(free).catch(warn);
    for (const [worker, rows] of claimed ?? [])
      busy.set(
        worker.name,
        deliver(worker, rows, kafka, publishFor(worker))
          .catch(warn)
          .finally(() => busy.delete(worker.name)),
      );
    // Who is done may have more that is due.
    await Promise.race([pause(POLL_MS, stopping), ...busy.values()]);
  }
  await Promise.all(busy.values());
}

/** Runs what is due now through its workers. @returns reminders delivered. */
export async function deliverDue(
  workers: readonly WorkerDefinition[],
  kafka: Pick<KafkaPort, "send">,
  publishFor: PublishFor,
): Promise<number> {
  const claimed = await claimDue(workers);
  await Promise.all(claimed.map(([worker, rows]) => deliver(worker, rows, kafka, publishFor(worker))));
  return claimed.reduce((sum, [, rows]) => sum + rows.length, 0);
}

/**
 * Claims what is due, worker by worker. The claim is a lease written in the row, so that several processes share the work and a
 * crash loses nothing.
 */
async function claimDue(workers: readonly WorkerDefinition[]): Promise<[WorkerDefinition, Row[]][]> {
  if (workers.length === 0) return [];
  const rows = await db.rows<Row>(sql`
    UPDATE reminders r SET due_at = now() + ${LEASE_MS} * interval '1 millisecond'
      FROM (SELECT id FROM reminders
             WHERE consumer = ANY(${workers.map((worker) => worker.name)}::text[]) AND due_at <= now()
             ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) due
     WHERE r.id = due.id
    RETURNING r.consumer, r.message_id, r.attempts, r.topic, r.partition, r."offset"::text AS "offset", r.key, r.value, r.headers`);
  const byWorker = Map.groupBy(rows, ({ consumer }) => consumer);
  return workers.flatMap((worker) => {
    const mine = byWorker.get(worker.name);
    return mine ? [[worker, mine] as [WorkerDefinition, Row[]]] : [];
  });
}

const rowHeaders = ({ headers }: Row) => (Array.isArray(headers) ? headersOf(headers) : asHeaders(headers));

async function deliver(
  worker: WorkerDefinition,
  rows: Row[],
  kafka: Pick<KafkaPort, "send">,
  publish: HandleOptions["publish"],
) {
  const deliveries: Delivery[] = [];
  for (const row of rows) {
    const raw: RawMessage = { key: row.key, value: row.value, headers: rowHeaders(row) };
    const position =
      row.topic === null ? undefined : { topic: row.topic, partition: row.partition ?? -1, offset: row.offset ?? "-1" };
    const decoded = decode(worker, raw);
    if (decoded.outcome === "message")
      deliveries.push({ message: decoded.message, raw, attempts: row.attempts, position });
    else {
      const error =
        decoded.outcome === "poison" ? decoded.error : new Error(`${worker.name} no longer handles this message`);
      await bury(worker, { raw, position, attempts: row.attempts }, error, row.message_id, kafka);
    }
  }
  const { failed } = await handle(worker, deliveries, {
    publish,
    relayAfterMs: 0,
    retryOf: (one) => retryReminder(worker, one, env().TIME_SCALE),
  });
  for (const one of failed) {
    if (retryDelayMs(worker, one) !== null) continue;
    await bury(worker, one.delivery, one.error, one.delivery.message.id, kafka);
  }
  await forgetDone(
    worker,
    deliveries,
    failed.map(({ delivery }) => delivery.message.id),
  );
}

/** What the inbox knew already was never handed to `record`, which forgets reminders otherwise. */
async function forgetDone(worker: WorkerDefinition, deliveries: readonly Delivery[], failed: readonly string[]) {
  const ids = deliveries.map(({ message }) => message.id).filter((id) => !failed.includes(id));
  await db.rows(sql`
    DELETE FROM reminders r USING inbox i
     WHERE r.consumer = ${worker.name} AND r.message_id = ANY(${ids}::uuid[])
       AND i.consumer = r.consumer AND i.message_id = r.message_id`);
}

/** Kafka has the letter before the reminder goes: a crash between the two gives a second letter, never none. */
async function bury(
  worker: WorkerDefinition,
  delivery: Pick<Delivery, "raw" | "position" | "attempts">,
  error: Error,
  messageId: string,
  kafka: Pick<KafkaPort, "send">,
): Promise<void> {
  await kafka.send([deadLetter(worker, delivery, error)]);
  await db.rows(sql`DELETE FROM reminders WHERE consumer = ${worker.name} AND message_id = ${messageId}::uuid`);
  log().error({ worker: worker.name, messageId, error: error.message }, "dead letter");
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  stopping.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}

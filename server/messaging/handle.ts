import type { MessageContract, Received } from "#contracts/message";
import { db } from "#server/platform/db";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import { OutcomeUnknown, type RawMessage } from "./broker.ts";
import { enterInbox, findProcessed } from "./inbox.ts";
import { isInfrastructure } from "./infrastructure.ts";
import type { OutboxRow } from "./outbox.ts";
import { type NewReminder, writeReminders } from "./reminders.ts";
import { transaction } from "./transaction.ts";
import { wakeRelay } from "./wake-relay.ts";
import type { Ask, WorkerDefinition } from "./worker.ts";

/*
 * The life of a message in a worker, the same for every broker, in numbered steps:
 *   1. skip      what the inbox knows is done already
 *   2. prepare   first transaction: what must be durable before the outside world is called
 *   3. reach     the outside world, several messages at a time; may run twice
 *   4. dispatch  the commands a fact asks for, confirmed by RabbitMQ
 *   5. record    ONE transaction: inbox rows first, state, outbox rows, the reminders of what failed
 * What comes after (Kafka transaction, acknowledgement) is the broker's own business.
 * A failure of one message is that message's failure; a failure of PostgreSQL or of a broker throws and is everybody's:
 * nothing is counted as an attempt, the batch comes again.
 */

/** A message in a worker's hands. */
export type Delivery = {
  message: Received<MessageContract>;
  raw: RawMessage;
  /** Attempts made before this one. */
  attempts: number;
  position?: { topic: string; partition: number; offset: string };
};

export type Failed = { delivery: Delivery; error: Error };

export type Handled = {
  /** New outbox rows, committed. */
  emitted: OutboxRow[];
  /** Failed this time. Whether they come again is decided by the caller's `onFailure`. */
  failed: Failed[];
};

export type HandleOptions = {
  /** Sends commands to RabbitMQ; throws OutcomeUnknown when it can't say; an Error per message that has no queue. */
  publish(asks: { ask: Ask; cause: Received<MessageContract> }[]): Promise<(Error | null)[]>;
  /** The relay leaves emitted rows alone for so long, ms, because the caller sends them in its Kafka transaction. */
  relayAfterMs: number;
  /** The reminder that brings a failed message back, stored before the message is settled; null = no further attempt. */
  retryOf?(failed: Failed): NewReminder | null;
};

/** Runs a batch through steps 1 to 5. @throws when PostgreSQL or a broker is away: the whole batch must come again. */
export async function handle(
  worker: WorkerDefinition,
  deliveries: readonly Delivery[],
  options: HandleOptions,
): Promise<Handled> {
  const open = await withoutProcessed(worker, deliveries);
  const { works, failed } = await prepareAndReach(worker, open);
  const dispatched = await dispatch(worker, works, options);
  return record(worker, dispatched.works, [...failed, ...dispatched.failed], options);
}

export type ReachedWork = { delivery: Delivery; prepared: unknown; reached: unknown };

async function withoutProcessed(
  worker: WorkerDefinition,
  deliveries: readonly Delivery[],
): Promise<readonly Delivery[]> {
  if (!worker.reach && !worker.prepare && !worker.dispatch) return deliveries;
  const ids = deliveries.map(({ message }) => message.id);
  const processed = await findProcessed(db, worker.name, ids);
  if (processed.size === 0) return deliveries;
  await handToRelay([...processed]);
  return deliveries.filter(({ message }) => !processed.has(message.id));
}

type Outcome = { works: ReachedWork[]; failed: Failed[] };

/** Steps 2 and 3 for a batch. */
async function prepareAndReach(worker: WorkerDefinition, deliveries: readonly Delivery[]): Promise<Outcome> {
  const prepared = await prepare(worker, deliveries);
  const reached = await reach(worker, prepared.works);
  return { works: reached.works, failed: [...prepared.failed, ...reached.failed] };
}

/** Step 3 for what is prepared. */
export async function reach(worker: WorkerDefinition, prepared: readonly ReachedWork[]): Promise<Outcome> {
  const { reach: ask, concurrency = 50, timeoutMs = 10_000 } = worker;
  if (!ask) return { works: [...prepared], failed: [] };
  const works: ReachedWork[] = [];
  const failed: Failed[] = [];
  const queue = [...prepared];
  const one = async () => {
    for (let work = queue.shift(); work; work = queue.shift()) {
      try {
        const { message } = work.delivery;
        const signal = AbortSignal.timeout(timeoutMs);
        const reached = await withDeadline(ask(message, { prepared: work.prepared, signal }), timeoutMs);
        works.push({ ...work, reached });
      } catch (error) {
        failed.push({ delivery: work.delivery, error: asError(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, one));
  // Effects are recorded in the order in which the messages came, not in the order in which the outside world answered.
  const place = new Map(prepared.map(({ delivery }, index) => [delivery, index]));
  return { works: works.sort((a, b) => place.get(a.delivery)! - place.get(b.delivery)!), failed };
}

/** Step 2 for a batch. */
export async function prepare(worker: WorkerDefinition, deliveries: readonly Delivery[]): Promise<Outcome> {
  const run = worker.prepare;
  if (!run || deliveries.length === 0)
    return { works: deliveries.map((delivery) => ({ delivery, prepared: undefined, reached: undefined })), failed: [] };
  return oneByOneOnFailure(worker, deliveries, async (batch) => {
    const messages = batch.map(({ message }) => message);
    const { result } = await transaction({ source: worker.name }, (tx) => run(messages, tx));
    return batch.map((delivery, index) => ({ delivery, prepared: result[index], reached: undefined }));
  });
}

/** Step 4. */
export async function dispatch(
  worker: WorkerDefinition,
  works: ReachedWork[],
  options: Pick<HandleOptions, "publish">,
): Promise<Outcome> {
  const decide = worker.dispatch;
  if (!decide || works.length === 0) return { works, failed: [] };
  const failures = new Map<Delivery, Error>();
  const asks = works.flatMap(({ delivery, prepared }) => {
    try {
      return decide(delivery.message, { prepared }).map((ask) => ({ ask, cause: delivery.message, delivery }));
    } catch (error) {
      failures.set(delivery, asError(error));
      return [];
    }
  });
  const outcomes = await options.publish(asks.map(({ ask, cause }) => ({ ask, cause })));
  outcomes.forEach((error, index) => {
    if (error instanceof OutcomeUnknown) throw error;
    if (error) failures.set(asks[index]!.delivery, error);
  });
  return {
    works: works.filter(({ delivery }) => !failures.has(delivery)),
    failed: [...failures].map(([delivery, error]) => ({ delivery, error })),
  };
}

/** Step 5. */
export async function record(
  worker: WorkerDefinition,
  works: readonly ReachedWork[],
  failed: readonly Failed[],
  options: Pick<HandleOptions, "relayAfterMs" | "retryOf">,
): Promise<Handled> {
  const emitted: OutboxRow[] = [];
  const outcome = await oneByOneOnFailure(worker, works, async (batch) => {
    const { sent, result: duplicates } = await transaction(
      { source: worker.name, relayAfterMs: options.relayAfterMs },
      async (tx, emit, remind) => {
        const fresh = await enterInbox(
          tx,
          worker.name,
          batch.map(({ delivery }) => delivery.message.id),
        );
        const work = batch.filter(({ delivery }) => fresh.delete(delivery.message.id));
        const handed = work.map(({ delivery, reached }) => ({ message: delivery.message, reached }));
        if (handed.length > 0) await worker.record?.(handed, { tx, emit, remind });
        await forgetReminders(tx, worker.name, batch);
        return batch.filter((one) => !work.includes(one)).map(({ delivery }) => delivery.message.id);
      },
    );
    emitted.push(...sent);
    if (sent.length > 0 && options.relayAfterMs === 0) wakeRelay();
    if (duplicates.length > 0) await handToRelay(duplicates);
    return batch;
  });
  const allFailed = [...failed, ...outcome.failed];
  const retries = allFailed.flatMap((one) => options.retryOf?.(one) ?? []);
  await writeReminders(db, retries);
  return { emitted, failed: allFailed };
}

/** What was left for later is done now. */
async function forgetReminders(
  tx: Parameters<typeof writeReminders>[0],
  consumer: string,
  batch: readonly ReachedWork[],
): Promise<void> {
  const ids = batch
    .filter(({ delivery }) => delivery.attempts > 0 || !delivery.position)
    .map(({ delivery }) => delivery.message.id);
  if (ids.length === 0) return;
  await tx.rows(sql`DELETE FROM reminders WHERE consumer = ${consumer} AND message_id = ANY(${ids}::uuid[])`);
}

/** A duplicate means: somebody died between commit and send. What it wrote is unsent, and now the relay's. */
async function handToRelay(causeIds: readonly string[]): Promise<void> {
  const rows = await db.rows(sql`
    UPDATE outbox SET relay_after = now()
     WHERE sent_at IS NULL AND relay_after > now() AND causation_id = ANY(${causeIds}::uuid[])
    RETURNING id`);
  if (rows.length > 0) wakeRelay();
}

/**
 * Runs a batch as one; where that fails for a reason of the messages' own, each alone, so that one bad message never
 * fails its neighbours. @throws where the reason is PostgreSQL's.
 */
async function oneByOneOnFailure<In extends Delivery | ReachedWork>(
  worker: WorkerDefinition,
  batch: readonly In[],
  run: (batch: readonly In[]) => Promise<ReachedWork[] | readonly ReachedWork[]>,
): Promise<{ works: ReachedWork[]; failed: Failed[] }> {
  if (batch.length === 0) return { works: [], failed: [] };
  try {
    return { works: [...(await run(batch))], failed: [] };
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    if (batch.length === 1) {
      const delivery = "delivery" in batch[0]! ? batch[0].delivery : (batch[0] as Delivery);
      return { works: [], failed: [{ delivery, error: asError(error) }] };
    }
    log().warn(
      { worker: worker.name, size: batch.length, error: asError(error).message },
      "batch failed, going one by one",
    );
  }
  const works: ReachedWork[] = [];
  const failed: Failed[] = [];
  for (const one of batch) {
    const outcome = await oneByOneOnFailure(worker, [one], run);
    works.push(...outcome.works);
    failed.push(...outcome.failed);
  }
  return { works, failed };
}

/** A `reach` that ignores its signal must not hold its batch for ever. */
async function withDeadline<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs + 500);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

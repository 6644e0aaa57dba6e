import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import type { KafkaBatch, KafkaMessage } from "./broker.ts";
import { deadLetter, retryDelayMs, retryReminder } from "./dead-letter.ts";
import { decode } from "./decode.ts";
import { type Delivery, type Handled, type HandleOptions, handle } from "./handle.ts";
import type { KafkaPort } from "./kafka.ts";
import { type SentMark, sentMarks, toKafkaMessages } from "./kafka-message.ts";
import { microBatch } from "./micro-batch.ts";
import { markSent } from "./outbox.ts";
import type { WorkerDefinition } from "./worker.ts";

/** What a worker emits, it sends itself in its Kafka transaction; the relay steps in after so long, ms. */
const OWN_SENDING_MS = 10_000;

/** Messages handled in one transaction at most, however many partitions they come from. */
const HANDLED_AT_ONCE = 200;
const MARKED_AT_ONCE = 1_000;

/**
 * Reads `order.events` for one worker, as the consumer group of its name. Batches of several partitions that are there at
 * the same time share their database transactions; each partition then settles alone, in a Kafka transaction of its own.
 */
export function runKafkaWorker(worker: WorkerDefinition, kafka: KafkaPort, publish: HandleOptions["publish"]) {
  const handleTogether = microBatch<readonly Delivery[], Handled>({
    maxItems: HANDLED_AT_ONCE,
    sizeOf: (deliveries) => deliveries.length,
    maxConcurrent: 2,
    run: async (parts) =>
      sharedOut(
        parts,
        await handle(worker, inLockOrder(parts.flat()), {
          publish,
          relayAfterMs: OWN_SENDING_MS,
          retryOf: (failed) => retryReminder(worker, failed, env().TIME_SCALE),
        }),
      ),
  });
  const mark = microBatch<SentMark[], void>({
    maxItems: MARKED_AT_ONCE,
    sizeOf: (marks) => marks.length,
    maxConcurrent: 1,
    async run(marks) {
      await markSent(db, marks.flat());
      return marks.map(() => undefined);
    },
  });
  return kafka.consume({
    group: worker.name,
    topic: topics.orderEvents.name,
    onBatch: (batch) => handleBatch(worker, batch, { handleTogether, mark }),
  });
}

/** All workers touch orders in the order of their ids, or two would wait for each other; an order's own messages keep theirs. */
const inLockOrder = (deliveries: readonly Delivery[]): Delivery[] =>
  deliveries.toSorted(({ message: a }, { message: b }) => (a.orderId < b.orderId ? -1 : Number(a.orderId > b.orderId)));

/** To each part what came of its own deliveries. An emitted row belongs to the message that caused it. */
function sharedOut(parts: (readonly Delivery[])[], { emitted, failed }: Handled): Handled[] {
  const partOf = new Map(parts.flatMap((part, index) => part.map(({ message }) => [message.id, index])));
  const shares: Handled[] = parts.map(() => ({ emitted: [], failed: [] }));
  for (const row of emitted) shares[partOf.get(row.causationId ?? "") ?? 0]!.emitted.push(row);
  for (const one of failed) shares[partOf.get(one.delivery.message.id)!]!.failed.push(one);
  return shares;
}

/**
 * Database first, Kafka second: emitted events, dead letters and the offset leave in ONE Kafka transaction after the
 * commit. If that fails the batch comes again; the inbox finds it done and the relay sends what is unsent.
 */
async function handleBatch(
  worker: WorkerDefinition,
  batch: KafkaBatch,
  shared: { handleTogether(deliveries: readonly Delivery[]): Promise<Handled>; mark(marks: SentMark[]): Promise<void> },
): Promise<void> {
  const { deliveries, letters } = read(worker, batch);
  const handled: Handled =
    deliveries.length === 0 ? { emitted: [], failed: [] } : await shared.handleTogether(deliveries);
  for (const failed of handled.failed) {
    if (retryDelayMs(worker, failed) !== null) continue;
    letters.push(deadLetter(worker, failed.delivery, failed.error));
    log().error(
      { worker: worker.name, messageId: failed.delivery.message.id, error: failed.error.message },
      "dead letter",
    );
  }
  const own = handled.emitted.map((row) => toKafkaMessages(row));
  const positions = await batch.settle([...own.flat(), ...letters]);
  if (own.length === 0) return;
  // Unmarked rows are sent again by the relay and told apart by their event id: worth a warning, not a failed batch.
  await shared
    .mark(sentMarks(handled.emitted, own, positions))
    .catch((error: Error) => log().warn({ error: error.message }, "sent rows were not marked"));
}

function read(worker: WorkerDefinition, batch: KafkaBatch): { deliveries: Delivery[]; letters: KafkaMessage[] } {
  const deliveries: Delivery[] = [];
  const letters: KafkaMessage[] = [];
  const seen = new Set<string>();
  for (const { offset, timestampMs: _, ...raw } of batch.messages) {
    const position = { topic: batch.topic, partition: batch.partition, offset };
    const decoded = decode(worker, raw);
    if (decoded.outcome === "poison") {
      letters.push(deadLetter(worker, { raw, position, attempts: 0 }, decoded.error));
      log().error({ worker: worker.name, ...position, error: decoded.error.message }, "dead letter: unreadable");
    }
    // The same event twice in one batch is one message: the inbox could not tell them apart inside one transaction.
    if (decoded.outcome === "message" && !seen.has(decoded.message.id)) {
      seen.add(decoded.message.id);
      deliveries.push({ message: decoded.message, raw, attempts: 0, position });
    }
  }
  return { deliveries, letters };
}

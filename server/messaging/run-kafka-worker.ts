import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import type { KafkaBatch, KafkaMessage } from "./broker.ts";
import { deadLetter, retryReminder } from "./dead-letter.ts";
import { decode } from "./decode.ts";
import { type Delivery, type Handled, type HandleOptions, handle } from "./handle.ts";
import type { KafkaPort } from "./kafka.ts";
import { sentMarks, toKafkaMessages } from "./kafka-message.ts";
import { markSent } from "./outbox.ts";
import type { WorkerDefinition } from "./worker.ts";

/** What a worker emits, it sends itself in its Kafka transaction; the relay steps in after so long, ms. */
const OWN_SENDING_MS = 10_000;

/** Reads `order.events` for one worker, as the consumer group of its name. */
export function runKafkaWorker(worker: WorkerDefinition, kafka: KafkaPort, publish: HandleOptions["publish"]) {
  return kafka.consume({
    group: worker.name,
    topic: topics.orderEvents.name,
    onBatch: (batch) => handleBatch(worker, batch, publish),
  });
}

/**
 * Database first, Kafka second: emitted events, dead letters and the offset leave in ONE Kafka transaction after the
 * commit. If that fails the batch comes again; the inbox finds it done and the relay sends what is unsent.
 */
async function handleBatch(
  worker: WorkerDefinition,
  batch: KafkaBatch,
  publish: HandleOptions["publish"],
): Promise<void> {
  const { deliveries, letters } = read(worker, batch);
  const handled: Handled =
    deliveries.length === 0
      ? { emitted: [], failed: [] }
      : await handle(worker, deliveries, {
          publish,
          relayAfterMs: OWN_SENDING_MS,
          retryOf: (failed) => retryReminder(worker, failed, env().TIME_SCALE),
        });
  for (const failed of handled.failed) {
    if (retryReminder(worker, failed, env().TIME_SCALE)) continue;
    letters.push(deadLetter(worker, failed.delivery, failed.error));
    log().error(
      { worker: worker.name, messageId: failed.delivery.message.id, error: failed.error.message },
      "dead letter",
    );
  }
  const own = handled.emitted.map((row) => toKafkaMessages(row));
  const positions = await batch.settle([...own.flat(), ...letters]);
  // Unmarked rows are sent again by the relay and told apart by their event id: worth a warning, not a failed batch.
  await markSent(db, sentMarks(handled.emitted, own, positions)).catch((error: Error) =>
    log().warn({ error: error.message }, "sent rows were not marked"),
  );
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

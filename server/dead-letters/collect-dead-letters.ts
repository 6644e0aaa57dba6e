import { deadLetterQueueName, queues, topics } from "#contracts/topology";
import type { KafkaBatch, RabbitDelivery } from "#server/messaging/broker";
import type { KafkaPort } from "#server/messaging/kafka";
import { microBatch } from "#server/messaging/micro-batch";
import type { RabbitPort } from "#server/messaging/rabbit";
import { untilDatabaseAnswers } from "#server/messaging/until-database-answers";
import { log } from "#server/platform/log";
import { forgetCopies } from "./number-copies.ts";
import { type NewDeath, readKafkaDeath, readRabbitDeath } from "./read-letter.ts";
import { storeDeaths } from "./store-deaths.ts";

/** The collector's name: consumer group, log field, and argument of `npm run workers`. */
export const COLLECTOR = "collect-dead-letters";

/** Letters in one transaction, and unacknowledged per queue, at most. */
const BATCH = 500;

/** Bytes of bodies in hand per queue, or one letter, whatever it has. Of Kafka a fetch has 2 MB, or one record. */
const HELD_BYTES = 32 * 1_048_576;

export type CollectorOptions = {
  rabbit: Pick<RabbitPort, "consume">;
  kafka: Pick<KafkaPort, "consume">;
  /** The worker that reads a queue, for letters that no worker has marked. */
  consumerOfQueue: ReadonlyMap<string, string>;
  /** A place where a test lets the process die. */
  crashPoint?(name: "collect:received" | "collect:stored" | "collect:acknowledged"): void | Promise<void>;
};

/**
 * Drains `order.events.dlt` and every dead-letter queue into PostgreSQL. A letter is stored first and acknowledged then:
 * a crash in between brings it again, and the store knows it. While the database is away the letters stay in the brokers.
 * May run in any number of processes.
 */
export async function startCollector(options: CollectorOptions): Promise<{ stop(): Promise<void> }> {
  const consumers = await Promise.all([collectFromKafka(options), ...collectFromRabbit(options)]);
  return {
    async stop() {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}

type Held = { delivery: RabbitDelivery; death: NewDeath };

function collectFromRabbit({ rabbit, consumerOfQueue, crashPoint = () => {} }: CollectorOptions) {
  const store = microBatch<Held, void>({
    maxItems: BATCH,
    // One after the other: equal messages without an id are told apart by what is acknowledged.
    maxConcurrent: 1,
    // A letter that can't be stored, for whatever reason, must not keep the others out.
    fallBack: true,
    async run(batch) {
      await untilDatabaseAnswers(() => storeDeaths(batch.map(({ death }) => death)));
      await crashPoint("collect:stored");
      const held = batch.filter(({ delivery }) => delivery.isHeld());
      await untilDatabaseAnswers(() => forgetCopies(held.map(({ death }) => death)));
      for (const { delivery } of held) delivery.ack();
      await crashPoint("collect:acknowledged");
      return batch.map(() => undefined);
    },
  });
  const collect = (delivery: RabbitDelivery) => {
    const death = readRabbitDeath(delivery, consumerOfQueue, new Date());
    void crashPoint("collect:received");
    store({ delivery, death }).catch((error: Error) => {
      delivery.setAside();
      log().error(
        { queue: delivery.queue, letter: death.identity, error: error.message },
        "a dead letter was not stored",
      );
    });
  };
  return Object.values(queues)
    .filter((family) => !("bestEffort" in family && family.bestEffort))
    .map((family) =>
      rabbit.consume({ name: deadLetterQueueName(family), prefetch: BATCH, heldBytes: HELD_BYTES }, collect),
    );
}

function collectFromKafka({ kafka, crashPoint = () => {} }: CollectorOptions) {
  return kafka.consume({
    group: COLLECTOR,
    topic: topics.deadLetters.name,
    batchSize: BATCH,
    async onBatch({ topic, partition, messages, settle }: KafkaBatch) {
      const now = new Date();
      const deaths = messages.map((message) =>
        readKafkaDeath({ ...message, position: { topic, partition, offset: message.offset } }, now),
      );
      await crashPoint("collect:received");
      await storeDeaths(deaths);
      await crashPoint("collect:stored");
      await settle([]);
      await crashPoint("collect:acknowledged");
    },
  });
}

import { setTimeout as wait } from "node:timers/promises";
import {
  CompressionTypes,
  type Kafka,
  Partitioners,
  type Producer,
  type RecordMetadata,
  type TopicMessages,
  type Transaction,
} from "kafkajs";
import type { KafkaMessage, SentPosition } from "./broker.ts";
import type { Partitions } from "./kafka-topics.ts";

/** Before the group's session (30 s) runs out, so that a dead owner's transaction can't block readers for long. */
const TRANSACTION_TIMEOUT_MS = 10_000;
const ALL_REPLICAS = -1;

/** Offsets of a consumer group that commit together with the messages. */
export type GroupOffset = { group: string; topic: string; partition: number; offset: string };

export type SafeProducer = {
  /** Sends all, in order per key; positions in the order given. @throws when the outcome of any is not known to be good. */
  send(messages: readonly KafkaMessage[], offset?: GroupOffset): Promise<SentPosition[]>;
  close(): Promise<void>;
};

/**
 * A producer that is thrown away at the first error: kafkajs rolls its sequence numbers back, gives them to the next,
 * different batch, and the broker acknowledges that one as a repeat without storing it. So nothing is ever sent again on
 * an instance that has failed, and one batch is in flight at a time.
 *
 * @param transactionalId with it every send is one transaction, and an older owner of the id is fenced off.
 */
export function createSafeProducer(kafka: Kafka, partitions: Partitions, transactionalId?: string): SafeProducer {
  let current: Promise<Producer> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const open = async (): Promise<Producer> => {
    const producer = kafka.producer({
      idempotent: true,
      transactionalId,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: Partitioners.DefaultPartitioner,
      // 300 ms by default, which every transaction that follows another one closely would wait (kafkajs#304).
      retry: { initialRetryTime: 3, maxRetryTime: 50, retries: 60 },
    });
    await producer.connect();
    return producer;
  };
  const discard = async () => {
    const broken = current;
    current = undefined;
    await broken?.then((producer) => producer.disconnect()).catch(() => {});
  };
  const sendNow = async (messages: readonly KafkaMessage[], offset?: GroupOffset): Promise<SentPosition[]> => {
    try {
      current ??= open();
      const producer = await current;
      const { topicMessages, places } = await arrange(messages, partitions);
      const metadata = transactionalId
        ? await inTransaction(producer, topicMessages, offset)
        : await producer.sendBatch({ topicMessages, acks: ALL_REPLICAS, compression: CompressionTypes.None });
      return locate(places, metadata);
    } catch (error) {
      await discard();
      throw error;
    }
  };

  return {
    send(messages, offset) {
      const sent = queue.then(() => sendNow(messages, offset));
      queue = sent.catch(() => {});
      return sent;
    },
    async close() {
      await queue;
      await discard();
    },
  };
}

async function inTransaction(
  producer: Producer,
  topicMessages: TopicMessages[],
  offset?: GroupOffset,
): Promise<RecordMetadata[]> {
  const transaction = await producer.transaction();
  const metadata = await transaction.sendBatch({ topicMessages, acks: ALL_REPLICAS });
  if (offset) await sendOffset(transaction, offset);
  await transaction.commit();
  return metadata;
}

const BUSY_TRIES = 100;
const BUSY_WAIT_MS = 5;

/** While the coordinator still writes the last transaction's markers it says so; kafkajs does not ask again (kafkajs#430). */
async function sendOffset(transaction: Transaction, { group, topic, partition, offset }: GroupOffset): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic, partitions: [{ partition, offset }] }],
      });
    } catch (error) {
      if ((error as { type?: string }).type !== "CONCURRENT_TRANSACTIONS" || tries === BUSY_TRIES) throw error;
      await wait(BUSY_WAIT_MS);
    }
  }
}

type Place = { topic: string; partition: number; index: number };

/** Decides the partitions here, so that every message's offset can be told from its batch's first one. */
async function arrange(messages: readonly KafkaMessage[], partitions: Partitions) {
  const byTopic = new Map<string, TopicMessages>();
  const counts = new Map<string, number>();
  const places: Place[] = [];
  for (const { topic, key, value, headers } of messages) {
    const name = partitions.nameOf(topic);
    const partition = await partitions.choose(topic, key);
    const topicMessages = byTopic.get(name) ?? { topic: name, messages: [] };
    topicMessages.messages.push({ key, value, partition, headers: toKafkaHeaders(headers) });
    byTopic.set(name, topicMessages);
    const index = counts.get(`${name}/${partition}`) ?? 0;
    counts.set(`${name}/${partition}`, index + 1);
    places.push({ topic: name, partition, index });
  }
  return { topicMessages: [...byTopic.values()], places };
}

/** kafkajs takes an object: repeats of a name are kept as a list, in order; the order between different names is the object's. */
function toKafkaHeaders(headers: KafkaMessage["headers"]): Record<string, Buffer | Buffer[]> {
  const result: Record<string, Buffer | Buffer[]> = {};
  for (const [name, value] of headers) {
    const earlier = result[name];
    result[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
  }
  return result;
}

function locate(places: readonly Place[], metadata: readonly RecordMetadata[]): SentPosition[] {
  const first = new Map(
    metadata.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, baseOffset]),
  );
  return places.map(({ topic, partition, index }) => {
    const base = first.get(`${topic}/${partition}`);
    return base === undefined || base === "-1" ? null : { partition, offset: String(BigInt(base) + BigInt(index)) };
  });
}

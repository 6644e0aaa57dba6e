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
import { type KafkaMessage, OutcomeUnknown, type SentPosition } from "./broker.ts";
import { toKafkaHeaders } from "./kafka-headers.ts";
import type { Partitions } from "./kafka-topics.ts";

/** Before the group's session (8 s) runs out, so that a dead owner's transaction can't block readers for long. */
const TRANSACTION_TIMEOUT_MS = 7_000;
const CLOSE_MS = 2_000;
const ALL_REPLICAS = -1;

/** Offsets of a consumer group that commit together with the messages. */
export type GroupOffset = {
  group: string;
  topic: string;
  partition: number;
  offset: string;
  /** Asked right before the commit. @throws when the group has gone on without us: nothing is committed then. */
  stillMember(): Promise<void>;
};

export type SafeProducer = {
  /** Sends all, in order per key; positions in the order given. @throws when the outcome of any is not known to be good. */
  send(messages: readonly KafkaMessage[], offset?: GroupOffset): Promise<SentPosition[]>;
  /** True from a failed send to the next good one: meanwhile a transaction may still be open, or commit late. */
  hasFailed(): boolean;
  close(): Promise<void>;
};

/**
 * A producer that is thrown away at the first error: kafkajs rolls its sequence numbers back, gives them to the next,
 * different batch, and the broker acknowledges that one as a repeat without storing it. So nothing is ever sent again on
 * an instance that has failed, and one batch is in flight at a time.
 *
 * @param options.retries kafkajs's own, about 3 s of them unless said.
 * @param options.deadlineMs for all of a send; after that its outcome is unknown.
 * @param options.transactionalId with it every send is one transaction, and an older owner of the id is fenced off.
 */
export function createSafeProducer(
  kafka: Kafka,
  partitions: Partitions,
  { deadlineMs, transactionalId, retries = 60 }: { deadlineMs: number; transactionalId?: string; retries?: number },
): SafeProducer {
  let current: Promise<Producer> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let hasFailed = false;

  const open = async (): Promise<Producer> => {
    const producer = kafka.producer({
      // A transaction is idempotent without it; this is for sends outside of one.
      idempotent: transactionalId === undefined,
      transactionalId,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: Partitioners.DefaultPartitioner,
      // 300 ms by default, which every transaction that follows another one closely would wait (kafkajs#304).
      retry: { initialRetryTime: 3, maxRetryTime: 50, retries },
    });
    await producer.connect().catch((error) => {
      leave(producer);
      throw error;
    });
    return producer;
  };
  const sendNow = async (messages: readonly KafkaMessage[], offset?: GroupOffset): Promise<SentPosition[]> => {
    current ??= open();
    const producer = await current;
    const { topicMessages, places } = await arrange(messages, partitions);
    const metadata = transactionalId
      ? await inTransaction(producer, topicMessages, offset)
      : await producer.sendBatch({ topicMessages, acks: ALL_REPLICAS, compression: CompressionTypes.None });
    return locate(places, metadata);
  };
  const sendOnce = async (messages: readonly KafkaMessage[], offset?: GroupOffset): Promise<SentPosition[]> => {
    try {
      const positions = await before(deadlineMs, sendNow(messages, offset));
      hasFailed = false;
      return positions;
    } catch (error) {
      hasFailed = true;
      // Not awaited: it waits for answers that may never come.
      void current?.then(leave, () => {});
      current = undefined;
      throw error;
    }
  };

  return {
    send(messages, offset) {
      const sent = queue.then(() => sendOnce(messages, offset));
      queue = sent.catch(() => {});
      return sent;
    },
    hasFailed: () => hasFailed,
    async close() {
      await queue;
      await before(CLOSE_MS, current?.then((producer) => producer.disconnect()) ?? Promise.resolve()).catch(() => {});
      current = undefined;
    },
  };
}

function leave(producer: Producer): void {
  producer.disconnect().catch(() => {});
}

/** kafkajs may go on trying behind our back after that: a fenced transaction, or a repeat with the same event id. */
async function before<Result>(deadlineMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutcomeUnknown(`Kafka has not answered for ${deadlineMs} ms`)), deadlineMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function inTransaction(
  producer: Producer,
  topicMessages: TopicMessages[],
  offset?: GroupOffset,
): Promise<RecordMetadata[]> {
  const transaction = await producer.transaction();
  // First, because it waits cheaply for the last transaction's markers; sendBatch would ask for metadata at every try.
  if (offset) await sendOffset(transaction, offset);
  const metadata = topicMessages.length > 0 ? await transaction.sendBatch({ topicMessages, acks: ALL_REPLICAS }) : [];
  await offset?.stillMember();
  await transaction.commit();
  return metadata;
}

const BUSY_TRIES = 500;
const BUSY_WAIT_MS = 3;

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

/** @throws where Kafka said nothing of a partition: after a change of leaders kafkajs can call a half-sent batch sent. */
function locate(places: readonly Place[], metadata: readonly RecordMetadata[]): SentPosition[] {
  const first = new Map(
    metadata.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, baseOffset]),
  );
  return places.map(({ topic, partition, index }) => {
    const base = first.get(`${topic}/${partition}`);
    if (base === undefined) throw new OutcomeUnknown(`Kafka has not confirmed partition ${partition} of ${topic}`);
    return base === "-1" ? null : { partition, offset: String(BigInt(base) + BigInt(index)) };
  });
}

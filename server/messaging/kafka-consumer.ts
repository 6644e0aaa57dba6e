import { setTimeout as wait } from "node:timers/promises";
import type { Consumer, EachBatchPayload, IHeaders, Kafka } from "kafkajs";
import { log } from "#server/platform/log";
import type { Headers, KafkaBatch, KafkaMessage, SentPosition } from "./broker.ts";
import type { SafeProducer } from "./kafka-producer.ts";

export type ConsumeOptions = {
  /** Without the prefix. */
  group: string;
  topic: string;
  /** Records per batch at most; 200 unless said. */
  batchSize?: number;
  /** Partitions worked on at the same time; 3 unless said. */
  partitionsAtOnce?: number;
  onBatch(batch: KafkaBatch): Promise<void>;
};

type Wiring = {
  kafka: Kafka;
  prefix: string;
  /** The transactional producer of one input partition. */
  producerOf(group: string, topic: string, partition: number): SafeProducer;
  onFatal(error: Error): void;
};

const SESSION_TIMEOUT_MS = 30_000;
const FETCH_WAIT_MS = 500;
const PARTITION_BYTES = 524_288;
const MARKER_COMMIT_MS = 500;
const BACK_OFF_MS = { first: 250, longest: 5_000 };

/**
 * Reads a topic as a member of a consumer group, committed records only. A batch that throws is nobody's fault but the
 * infrastructure's: its partition pauses, the batch comes again, the other partitions and the heartbeats go on.
 */
export async function consume(options: ConsumeOptions, wiring: Wiring): Promise<{ stop(): Promise<void> }> {
  const { kafka, prefix, onFatal } = wiring;
  const topic = prefix + options.topic;
  const consumer = kafka.consumer({
    groupId: prefix + options.group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: 3_000,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 8, restartOnFailure: async () => true },
  });
  // kafkajs restarts only what it calls retriable; a group that stays down ends the process, which is started again.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) onFatal(payload.error);
  });
  const markers = commitMarkers(consumer);
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const failures = new Map<number, number>();
  let isStopping = false;

  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.partitionsAtOnce ?? 3,
    eachBatch: async (payload) => {
      const { partition } = payload.batch;
      try {
        await handleSlices(payload, options, wiring, consumer);
        failures.delete(partition);
      } catch (error) {
        if (isRebalancing(error)) throw error;
        const failed = (failures.get(partition) ?? 0) + 1;
        failures.set(partition, failed);
        const waitMs = Math.min(BACK_OFF_MS.first * 2 ** (failed - 1), BACK_OFF_MS.longest);
        log().warn(
          { group: options.group, partition, waitMs, error: (error as Error).message },
          "a batch will come again",
        );
        const resume = payload.pause();
        // Nothing was resolved, so the next fetch of this partition starts at the batch's first record again.
        void wait(waitMs, undefined, { ref: false }).then(() => {
          if (!isStopping) resume();
        });
      }
    },
  });

  return {
    async stop() {
      isStopping = true;
      markers.stop();
      await consumer.stop();
      await consumer.disconnect();
    },
  };
}

const isRebalancing = (error: unknown) =>
  ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"].includes(
    (error as { type?: string }).type ?? "",
  );

async function handleSlices(
  payload: EachBatchPayload,
  options: ConsumeOptions,
  wiring: Wiring,
  consumer: Consumer,
): Promise<void> {
  const { batch, isRunning, isStale, heartbeat, resolveOffset } = payload;
  const { batchSize = 200 } = options;
  for (let start = 0; start < batch.messages.length; start += batchSize) {
    if (!isRunning() || isStale()) return;
    const slice = batch.messages.slice(start, start + batchSize);
    const isLast = start + batchSize >= batch.messages.length;
    const lastOffset = slice.at(-1)!.offset;
    // After the last record come the control records of its transaction: they count as read.
    const nextOffset = String(BigInt(isLast ? batch.lastOffset() : lastOffset) + 1n);
    const settle = async (messages: KafkaMessage[]): Promise<SentPosition[]> => {
      await heartbeat();
      const position = { topic: batch.topic, partition: batch.partition, offset: nextOffset };
      if (messages.length === 0) {
        await consumer.commitOffsets([position]);
        return [];
      }
      const producer = wiring.producerOf(options.group, options.topic, batch.partition);
      return producer.send(messages, { group: wiring.prefix + options.group, ...position });
    };
    await options.onBatch({
      topic: options.topic,
      partition: batch.partition,
      messages: slice.map(({ key, value, offset, timestamp, headers }) => ({
        key,
        value,
        offset,
        timestampMs: Number(timestamp),
        headers: fromKafkaHeaders(headers),
      })),
      settle,
    });
    resolveOffset(lastOffset);
    await heartbeat();
  }
}

function fromKafkaHeaders(headers: IHeaders | undefined): Headers {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? ""]).map(
      (one) => [name, Buffer.isBuffer(one) ? one : Buffer.from(one)] as const,
    ),
  );
}

/**
 * A fetch that holds nothing but control records or aborted messages reaches no handler, so nobody would commit it and the
 * group would seem to lag behind for ever on a topic of transactions.
 */
function commitMarkers(consumer: Consumer): { stop(): void } {
  const passed = new Map<string, { topic: string; partition: number; offset: string }>();
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
    const key = `${topic}/${partition}`;
    if (batchSize === 0) passed.set(key, { topic, partition, offset: String(BigInt(lastOffset) + 1n) });
    else passed.delete(key);
  });
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload: { topic, partition } }) =>
    passed.delete(`${topic}/${partition}`),
  );
  const timer = setInterval(() => {
    if (passed.size === 0) return;
    const offsets = [...passed.values()];
    passed.clear();
    consumer
      .commitOffsets(offsets)
      .catch((error: Error) => log().debug({ error: error.message }, "markers were not committed"));
  }, MARKER_COMMIT_MS).unref();
  return { stop: () => clearInterval(timer) };
}

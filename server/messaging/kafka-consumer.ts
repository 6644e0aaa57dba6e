import { setTimeout as wait } from "node:timers/promises";
import type { EachBatchPayload, Kafka } from "kafkajs";
import { log } from "#server/platform/log";
import type { KafkaBatch, KafkaMessage, SentPosition } from "./broker.ts";
import { fromKafkaHeaders } from "./kafka-headers.ts";
import { commitMarkers, type Markers } from "./kafka-markers.ts";
import type { SafeProducer } from "./kafka-producer.ts";
import { named } from "./kafka-topics.ts";

export type ConsumeOptions = {
  /** Without the prefix. */
  group: string;
  topic: string;
  /** Records per batch at most; 200 unless said. */
  batchSize?: number;
  /** Partitions worked on at the same time; 12 unless said. */
  partitionsAtOnce?: number;
  onBatch(batch: KafkaBatch): Promise<void>;
};

/** A running member of a group. */
export type Consuming = {
  /** Lets the batches in hand finish (at most 10 s), then leaves the group; the rest comes again elsewhere. */
  stop(): Promise<void>;
  /** The partitions it owns at the moment. */
  assigned(): ReadonlySet<number>;
  /** When a batch was last handed over or settled, `performance.now()` ms. */
  lastActivityMs(): number;
};

type Wiring = {
  kafka: Kafka;
  prefix: string;
  /** The transactional producer of one input partition. */
  producerOf(partition: number): SafeProducer;
  /** Producers of partitions that are not ours any more. */
  forget(isMine: (partition: number) => boolean): void;
  onFatal(error: Error): void;
};

/** A killed member's partitions wait so long for their next owner. Longer than a transaction may stay open. */
const SESSION_TIMEOUT_MS = 8_000;
/** A member that is busy has so long to finish its batch before others get its partitions. */
const REBALANCE_TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 2_000;
/** A handler that takes longer is taken for hung and loses its partitions to another member. */
const HANDLING_LIMIT_MS = 60_000;
const FETCH_WAIT_MS = 500;
const PARTITION_BYTES = 524_288;
const FETCH_BYTES = 4 * PARTITION_BYTES;
const STOP_MS = 10_000;
const BACK_OFF_MS = { first: 250, longest: 5_000 };

/**
 * Reads a topic as a member of a consumer group, committed records only, from the beginning where the group has no
 * offset. A batch that throws is nobody's fault but the infrastructure's: its partition pauses, the batch comes again,
 * the other partitions and the heartbeats go on.
 */
export async function consume(options: ConsumeOptions, wiring: Wiring): Promise<Consuming> {
  const { kafka, prefix, onFatal } = wiring;
  const consumer = kafka.consumer({
    groupId: prefix + options.group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES,
    maxBytes: FETCH_BYTES,
    retry: { restartOnFailure: async () => true },
  });
  let assigned: ReadonlySet<number> = new Set();
  let lastActivityMs = performance.now();
  let isStopping = false;
  // kafkajs restarts only what it calls retriable; a group that stays down ends the process, which is started again.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart && !isStopping) onFatal(payload.error);
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const mine = new Set(Object.values(payload.memberAssignment).flat());
    assigned = mine;
    lastActivityMs = performance.now();
    wiring.forget((partition) => mine.has(partition));
  });
  const markers = commitMarkers(consumer);
  await consumer.connect();
  const topic = prefix + options.topic;
  await consumer.subscribe({ topics: [topic], fromBeginning: true }).catch((error) => {
    throw named(error, topic);
  });
  const failures = new Map<number, number>();

  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.partitionsAtOnce ?? 12,
    eachBatch: async (payload) => {
      const { partition } = payload.batch;
      try {
        for (const batch of slices(payload, options, wiring, markers)) {
          if (isStopping) return;
          lastActivityMs = performance.now();
          await heartbeatDuring(options.onBatch(batch), payload.heartbeat, () => lastActivityMs);
          lastActivityMs = performance.now();
          payload.resolveOffset(batch.messages.at(-1)!.offset);
          failures.delete(partition);
          await payload.heartbeat();
        }
      } catch (error) {
        if (isRebalancing(error)) throw error;
        const failed = (failures.get(partition) ?? 0) + 1;
        failures.set(partition, failed);
        const waitMs = Math.min(BACK_OFF_MS.first * 2 ** (failed - 1), BACK_OFF_MS.longest);
        log().warn(
          { group: options.group, partition, waitMs, error: (error as Error).message },
          "a batch will come again",
        );
        // What failed was not resolved, so the next fetch of this partition starts at its first record again.
        const resume = payload.pause();
        void wait(waitMs, undefined, { ref: false }).then(resume);
      }
    },
  });

  return {
    async stop() {
      isStopping = true;
      markers.stop();
      const gone = consumer
        .disconnect()
        .catch((error: Error) => log().warn({ error: error.message }, "left in a hurry"));
      const timer = new AbortController();
      await Promise.race([gone, wait(STOP_MS, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    },
    assigned: () => assigned,
    lastActivityMs: () => lastActivityMs,
  };
}

const typeOf = (error: unknown) => (error as { type?: string }).type ?? "";

const isRebalancing = (error: unknown) =>
  ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"].includes(typeOf(error));

/** Cuts a fetch into batches; ends early when the partition moves on to somebody else. */
function* slices(payload: EachBatchPayload, options: ConsumeOptions, wiring: Wiring, markers: Markers) {
  const { batch, isRunning, isStale } = payload;
  const { batchSize = 200 } = options;
  for (let start = 0; start < batch.messages.length; start += batchSize) {
    if (!isRunning() || isStale()) return;
    const slice = batch.messages.slice(start, start + batchSize);
    const isLast = start + batchSize >= batch.messages.length;
    // After the last record come the control records of its transaction: they count as read.
    const nextOffset = String(BigInt(isLast ? batch.lastOffset() : slice.at(-1)!.offset) + 1n);
    yield {
      topic: options.topic,
      partition: batch.partition,
      messages: slice.map(({ key, value, offset, timestamp, headers }) => ({
        key,
        value,
        offset,
        timestampMs: Number(timestamp),
        headers: fromKafkaHeaders(headers),
      })),
      settle: (messages) => settle(messages, nextOffset, payload, options, wiring, markers),
    } satisfies KafkaBatch;
  }
}

async function settle(
  messages: KafkaMessage[],
  offset: string,
  { batch: { topic, partition }, heartbeat, commitOffsetsIfNecessary }: EachBatchPayload,
  { group }: ConsumeOptions,
  { prefix, producerOf }: Wiring,
  markers: Markers,
): Promise<SentPosition[]> {
  // A transaction's offsets are not checked against the group's generation, so we ask whether we are still a member.
  const stillMember = () =>
    heartbeat().catch((error: unknown) => {
      // The coordinator knows us and waits for us before it gives the partition away.
      if (typeOf(error) !== "REBALANCE_IN_PROGRESS") throw error;
    });
  await markers.settled();
  const producer = producerOf(partition);
  // After a failure the outcome of the last transaction is open until a new producer has taken its place: a plain
  // commit could be overtaken by it.
  if (messages.length > 0 || producer.hasFailed())
    return producer.send(messages, { group: prefix + group, topic, partition, offset, stillMember });
  await stillMember();
  await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
  return [];
}

/** Keeps the membership while handlers work, but not for ever: some batch of the group must have moved on lately. */
async function heartbeatDuring(
  work: Promise<void>,
  heartbeat: () => Promise<void>,
  lastActivityMs: () => number,
): Promise<void> {
  const timer = setInterval(() => {
    // A refusal is met again by whoever needs the answer: before the commit and after the batch.
    if (performance.now() - lastActivityMs() < HANDLING_LIMIT_MS) heartbeat().catch(() => {});
  }, HEARTBEAT_MS);
  await work.finally(() => clearInterval(timer));
}

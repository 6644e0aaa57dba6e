import { Kafka, logLevel } from "kafkajs";
import type { Topic } from "#contracts/topology";
import { log } from "#server/platform/log";
import type { KafkaMessage, SentPosition } from "./broker.ts";
import { type ConsumeOptions, consume } from "./kafka-consumer.ts";
import { installIdleGuard } from "./kafka-idle-guard.ts";
import { createSafeProducer, type SafeProducer } from "./kafka-producer.ts";
import { createPartitions, ensureTopics, withAdmin } from "./kafka-topics.ts";
import { createWatchdog, type Place } from "./kafka-watchdog.ts";

/** The house's view of Kafka. The files `kafka*.ts` are the only ones that know kafkajs. */
export type KafkaPort = {
  /** Sends outside of any consumer's transaction: the relay's way. Positions in the order given. @throws = outcome unknown. */
  send(messages: readonly KafkaMessage[]): Promise<SentPosition[]>;
  consume(options: ConsumeOptions): Promise<{ stop(): Promise<void> }>;
  /** Makes missing topics. Replication 3 wants two replicas in sync for every write. */
  ensureTopics(topics: readonly Topic[], options: { replication: number }): Promise<void>;
  /** Where a group stands, per partition; -1 = never committed. */
  places(group: string, topic: string): Promise<Place[]>;
  close(): Promise<void>;
};

export type KafkaOptions = {
  brokers: string[];
  clientId: string;
  /** Put before topics, groups and transactional ids. */
  prefix: string;
  /** Going on makes no sense; the process should end and be started again. */
  onFatal(error: Error): void;
};

const WATCH_MS = 20_000;
const PATIENCE_MS = 60_000;

export function createKafka({ brokers, clientId, prefix, onFatal }: KafkaOptions): KafkaPort {
  installIdleGuard();
  const kafka = new Kafka({
    brokers,
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 10 },
    logLevel: logLevel.ERROR,
    logCreator: () => toLog,
  });
  const partitions = createPartitions(kafka, prefix);
  const relay = createSafeProducer(kafka, partitions);
  const producers = new Map<string, SafeProducer>();
  const watches = new Set<NodeJS.Timeout>();

  const producerOf = (group: string, topic: string, partition: number): SafeProducer => {
    const id = `${prefix}${group}-${topic}-${partition}`;
    const producer = producers.get(id) ?? createSafeProducer(kafka, partitions, id);
    producers.set(id, producer);
    return producer;
  };
  const places: KafkaPort["places"] = (group, topic) =>
    withAdmin(kafka, async (admin) => {
      // Committed before end: the other way round a lag could come out negative.
      const committed = await admin.fetchOffsets({ groupId: prefix + group, topics: [prefix + topic] });
      const ends = await admin.fetchTopicOffsets(prefix + topic);
      const byPartition = new Map(committed[0]?.partitions.map((one) => [one.partition, BigInt(one.offset)]));
      return ends.map(({ partition, high }) => ({
        partition,
        committed: byPartition.get(partition) ?? -1n,
        end: BigInt(high),
      }));
    });
  const watch = (group: string, topic: string): NodeJS.Timeout => {
    const stuck = createWatchdog(PATIENCE_MS);
    const timer = setInterval(async () => {
      // A Kafka that does not answer is not a stuck consumer.
      const now = await places(group, topic).catch(() => null);
      const partitions = now ? stuck(now, Date.now()) : [];
      if (partitions.length > 0)
        onFatal(new Error(`${group} does not move on partitions ${partitions.join(", ")} of ${topic}`));
    }, WATCH_MS).unref();
    watches.add(timer);
    return timer;
  };

  return {
    send: (messages) => relay.send(messages),
    async consume(options) {
      const consumer = await consume(options, { kafka, prefix, producerOf, onFatal });
      const timer = watch(options.group, options.topic);
      return {
        async stop() {
          clearInterval(timer);
          await consumer.stop();
        },
      };
    },
    ensureTopics: (topics, { replication }) => ensureTopics(kafka, prefix, topics, replication),
    places,
    async close() {
      for (const timer of watches) clearInterval(timer);
      await Promise.all([relay, ...producers.values()].map((producer) => producer.close()));
    },
  };
}

/** kafkajs calls errors what it then retries by itself: worth a warning, no more. */
function toLog({
  namespace,
  log: entry,
}: {
  namespace: string;
  log: { message: string; error?: unknown; groupId?: unknown };
}): void {
  const { message, error, groupId } = entry;
  log().warn({ namespace, groupId, error: typeof error === "string" ? error : (error as Error)?.message }, message);
}

import { connect } from "node:net";
import { Kafka, type LogEntry, logLevel, type RetryOptions } from "kafkajs";
import type { Topic } from "#contracts/topology";
import { log } from "#server/platform/log";
import type { KafkaMessage, SentPosition } from "./broker.ts";
import { type ConsumeOptions, type Consuming, consume } from "./kafka-consumer.ts";
import { keepHeaderOrder } from "./kafka-headers.ts";
import { installIdleGuard } from "./kafka-idle-guard.ts";
import { createSafeProducer, type SafeProducer } from "./kafka-producer.ts";
import { createPartitions, ensureTopics, readPlaces } from "./kafka-topics.ts";
import { createWatchdog, type Place } from "./kafka-watchdog.ts";

/** The house's view of Kafka. The files `kafka*.ts` are the only ones that know kafkajs. */
export type KafkaPort = {
  /** Sends outside of any consumer's transaction: the relay's way. Positions in the order given. @throws = outcome unknown. */
  send(messages: readonly KafkaMessage[]): Promise<SentPosition[]>;
  /** Joins a group; a group once per port. Resolves when the first assignment is there. */
  consume(options: ConsumeOptions): Promise<{ stop(): Promise<void> }>;
  /**
   * Makes missing topics and Kafka's internal ones. Replication 3 wants two replicas in sync for every write.
   * @throws when a topic stands with another number of partitions: keys would change their place.
   */
  ensureTopics(topics: readonly Topic[], options: { replication: number }): Promise<void>;
  /** Where a group stands, per partition. */
  places(group: string, topic: string): Promise<Place[]>;
  close(): Promise<void>;
};

export type BrokerAddress = { host: string; port: number };

export type KafkaOptions = {
  brokers: string[];
  clientId: string;
  /** Put before topics, groups and transactional ids. */
  prefix: string;
  /** Going on makes no sense; the process should end and be started again. */
  onFatal(error: Error): void;
  /** Where to connect instead of the address that a broker gives itself: a tunnel, or a test's fault proxy. */
  dial?(broker: BrokerAddress): BrokerAddress;
  /** How long Kafka may take to answer one request; 10,000 unless said. A whole send may take 1.5 times that. */
  requestTimeoutMs?: number;
  /** How long a lagging consumer may do nothing at all before it is fatal; 60,000 unless said. */
  patienceMs?: number;
};

/** How often kafkajs itself tries again before it gives up. */
const retries = {
  /** A consumer that keeps its membership over an outage goes on at once; a new one would wait for the old one's session. */
  consumer: { initialRetryTime: 100, maxRetryTime: 1_000, retries: Number.MAX_SAFE_INTEGER },
  /** Senders are told soon, and come again. */
  producer: { initialRetryTime: 50, maxRetryTime: 500, retries: 5 },
  /** A young Kafka still elects leaders and makes its internal topics. */
  setup: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 12 },
};
const CONNECT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 30_000;

export function createKafka(options: KafkaOptions): KafkaPort {
  const { prefix, onFatal, requestTimeoutMs = 10_000, patienceMs = 60_000 } = options;
  const deadlineMs = requestTimeoutMs * 1.5;
  const kafka = createClient(options, requestTimeoutMs, retries.producer);
  const partitions = createPartitions(kafka, prefix);
  const relay = createSafeProducer(kafka, partitions, { deadlineMs });
  const producers = new Map<string, Map<number, SafeProducer>>();
  const watches = new Set<NodeJS.Timeout>();

  /** One transactional producer per input partition: whoever gets the partition fences the owner before. */
  const producersOf = (group: string, topic: string) => {
    const owned = new Map<number, SafeProducer>();
    producers.set(`${group}-${topic}`, owned);
    return {
      producerOf(partition: number): SafeProducer {
        const transactionalId = `${prefix}${group}-${topic}-${partition}`;
        const producer = owned.get(partition) ?? createSafeProducer(kafka, partitions, { deadlineMs, transactionalId });
        owned.set(partition, producer);
        return producer;
      },
      forget(isMine: (partition: number) => boolean): void {
        for (const [partition, producer] of owned) {
          if (isMine(partition)) continue;
          owned.delete(partition);
          void producer.close();
        }
      },
      /** The group is left: its partitions get new producers when it is joined again. */
      async release(): Promise<void> {
        producers.delete(`${group}-${topic}`);
        await Promise.all([...owned.values()].map((producer) => producer.close()));
        owned.clear();
      },
    };
  };
  const watch = (group: string, topic: string, consumer: Consuming): NodeJS.Timeout => {
    const stuckPartitions = createWatchdog(patienceMs);
    return setInterval(async () => {
      if (performance.now() - consumer.lastActivityMs() < patienceMs / 3) return;
      // A Kafka that does not answer is not a stuck consumer.
      const places = await readPlaces(kafka, prefix + group, prefix + topic).catch(() => []);
      const mine = places.filter(({ partition }) => consumer.assigned().has(partition));
      const stuck = stuckPartitions(mine, consumer.lastActivityMs(), performance.now());
      if (stuck.length > 0)
        onFatal(new Error(`${group} does not move on partitions ${stuck.join(", ")} of ${topic} any more`));
    }, patienceMs / 3).unref();
  };

  return {
    send: (messages) => relay.send(messages),
    async consume(consumption) {
      const { group, topic } = consumption;
      // A client each: kafkajs keeps one table of committed offsets per client.
      const client = createClient(options, requestTimeoutMs, retries.consumer);
      const { release, ...own } = producersOf(group, topic);
      const consumer = await consume(consumption, { kafka: client, prefix, onFatal, ...own });
      const timer = watch(group, topic, consumer);
      watches.add(timer);
      return {
        async stop() {
          clearInterval(timer);
          watches.delete(timer);
          await consumer.stop();
          await release();
        },
      };
    },
    ensureTopics: (topics, { replication }) =>
      ensureTopics(createClient(options, requestTimeoutMs, retries.setup), prefix, topics, replication),
    places: (group, topic) => readPlaces(kafka, prefix + group, prefix + topic),
    async close() {
      for (const timer of watches) clearInterval(timer);
      const transactional = [...producers.values()].flatMap((owned) => [...owned.values()]);
      await Promise.all([relay, ...transactional].map((producer) => producer.close()));
    },
  };
}

export function createClient(
  { brokers, clientId, dial }: KafkaOptions,
  requestTimeout: number,
  retry: RetryOptions,
): Kafka {
  installIdleGuard();
  keepHeaderOrder();
  return new Kafka({
    brokers,
    clientId,
    requestTimeout,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    socketFactory: ({ host, port, onConnect }) => {
      const address = dial?.({ host, port }) ?? { host, port };
      // Small requests that wait for their answers must not wait for company as well.
      return connect({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, onConnect);
    },
    retry,
    logLevel: logLevel.ERROR,
    logCreator: () => toLog,
  });
}

/** kafkajs calls errors what it then retries by itself: worth a warning, and every single attempt not even that. */
function toLog({ namespace, log: entry }: LogEntry): void {
  const { message, error, groupId } = entry;
  const isAttempt = namespace === "Connection" || namespace === "BrokerPool";
  log()[isAttempt ? "debug" : "warn"]({ namespace, groupId, error: error?.message ?? error }, message);
}

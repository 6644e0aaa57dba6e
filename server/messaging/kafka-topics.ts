import { setTimeout as wait } from "node:timers/promises";
import { type Admin, type Kafka, Partitioners, type PartitionMetadata } from "kafkajs";
import { TOPIC_RETENTION_MS, type Topic } from "#contracts/topology";
import type { Place } from "./kafka-watchdog.ts";

const CREATE_TIMEOUT_MS = 15_000;

/** Chooses partitions like every Kafka client does: murmur2 of the key; a message without a key goes round. */
export type Partitions = {
  /** The topic's name in the cluster. */
  nameOf(topic: string): string;
  choose(topic: string, key: Buffer | null): Promise<number>;
};

/** Reads partition counts from the cluster, once per topic: they never shrink, and we never change them. */
export function createPartitions(kafka: Kafka, prefix: string): Partitions {
  const counts = new Map<string, Promise<PartitionMetadata[]>>();
  const partitioner = Partitioners.DefaultPartitioner();
  let round = 0;
  const read = async (name: string): Promise<PartitionMetadata[]> => {
    try {
      return await withAdmin(kafka, async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
        return topics[0]!.partitions;
      });
    } catch (error) {
      counts.delete(name);
      throw named(error, name);
    }
  };
  return {
    nameOf: (topic) => prefix + topic,
    async choose(topic, key) {
      const name = prefix + topic;
      const pending = counts.get(name) ?? read(name);
      counts.set(name, pending);
      const partitionMetadata = await pending;
      round += 1;
      if (key === null) return round % partitionMetadata.length;
      return partitioner({ topic: name, partitionMetadata, message: { key, value: null } });
    },
  };
}

/** kafkajs does not say which topic is missing. */
export function named(error: unknown, topic: string): unknown {
  return (error as { type?: string }).type === "UNKNOWN_TOPIC_OR_PARTITION"
    ? new Error(`Kafka has no topic ${topic}`, { cause: error })
    : error;
}

export async function withAdmin<Result>(kafka: Kafka, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Where a group stands in a topic; both names with the prefix. */
export async function readPlaces(kafka: Kafka, groupId: string, topic: string): Promise<Place[]> {
  return withAdmin(kafka, async (admin) => {
    // Committed before end: the other way round a lag could come out negative.
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const bounds = await admin.fetchTopicOffsets(topic);
    const byPartition = new Map(committed?.partitions.map((one) => [one.partition, BigInt(one.offset)]));
    return bounds
      .map(({ partition, low, high }) => ({
        partition,
        committed: byPartition.get(partition) ?? -1n,
        start: BigInt(low),
        end: BigInt(high),
      }))
      .sort((one, other) => one.partition - other.partition);
  });
}

/**
 * Makes the topics that are missing and waits until each has its leaders. Nothing else ever makes a topic: a wrong name
 * is an error, not a new topic.
 * @throws when a topic stands with another number of partitions.
 */
export async function ensureTopics(
  kafka: Kafka,
  prefix: string,
  topics: readonly Topic[],
  replication: number,
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(prefix + name));
    const standing = topics.filter(({ name }) => existing.has(prefix + name));
    if (standing.length > 0) await comparePartitions(admin, prefix, standing);
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: false,
        timeout: CREATE_TIMEOUT_MS,
        topics: missing.map(({ name, partitions, maxMessageBytes }) => ({
          topic: prefix + name,
          numPartitions: partitions,
          replicationFactor: replication,
          configEntries: [
            { name: "retention.ms", value: String(TOPIC_RETENTION_MS) },
            { name: "min.insync.replicas", value: replication >= 3 ? "2" : "1" },
            ...(maxMessageBytes ? [{ name: "max.message.bytes", value: String(maxMessageBytes) }] : []),
          ],
        })),
      });
      await awaitLeaders(
        admin,
        missing.map(({ name }) => prefix + name),
      );
    }
    await wakeInternalTopics(kafka, admin, prefix);
  });
}

/**
 * Waits until every partition has a leader. kafkajs's own waiting gives up at once where the broker that answers has not
 * heard of the topic yet, as on a cluster of thousands of partitions.
 * @throws what Kafka said last, after 15 s.
 */
async function awaitLeaders(admin: Admin, names: string[]): Promise<void> {
  for (const end = performance.now() + CREATE_TIMEOUT_MS; ; await wait(100)) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      if (topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    if (performance.now() > end) throw new Error(`${names.join(", ")}: no leader after ${CREATE_TIMEOUT_MS} ms`);
  }
}

async function comparePartitions(admin: Admin, prefix: string, topics: readonly Topic[]): Promise<void> {
  const found = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => prefix + name) });
  const counts = new Map(found.topics.map(({ name, partitions }) => [name, partitions.length]));
  const wrong = topics.filter(({ name, partitions }) => counts.get(prefix + name) !== partitions);
  if (wrong.length === 0) return;
  const faults = wrong.map(
    ({ name, partitions }) => `${prefix + name} has ${counts.get(prefix + name)} partitions instead of ${partitions}`,
  );
  throw new Error(`${faults.join("; ")}: messages of one key would change their place. Move to a new topic instead.`);
}

/**
 * The topics of offsets and transactions come into being at the first question for their coordinator, and a consumer that
 * asks meanwhile gives up for good (kafkajs#1630): so we ask first, patiently.
 */
async function wakeInternalTopics(kafka: Kafka, admin: Admin, prefix: string): Promise<void> {
  await admin.describeGroups([`${prefix}setup`]);
  const producer = kafka.producer({
    transactionalId: `${prefix}setup`,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    await (await producer.transaction()).abort();
  } finally {
    await producer.disconnect().catch(() => {});
  }
}

import { type Admin, type Kafka, Partitioners, type PartitionMetadata } from "kafkajs";
import { TOPIC_RETENTION_MS, type Topic } from "#contracts/topology";

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
      throw error;
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

export async function withAdmin<Result>(kafka: Kafka, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/**
 * Makes the topics that are missing and waits until each has its leaders. Nothing else ever makes a topic: a wrong name
 * is an error, not a new topic.
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
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: true,
      timeout: CREATE_TIMEOUT_MS,
      topics: missing.map(({ name, partitions }) => ({
        topic: prefix + name,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: [
          { name: "retention.ms", value: String(TOPIC_RETENTION_MS) },
          { name: "min.insync.replicas", value: replication >= 3 ? "2" : "1" },
        ],
      })),
    });
  });
}

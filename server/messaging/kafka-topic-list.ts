import type { ClusterLink } from "./kafka-cluster.ts";
import { type KafkaObserver, placeOf, readOffsets } from "./kafka-observe.ts";

export type ListedTopic = {
  name: string;
  partitions: number;
  replicas: number;
  /** Partitions with fewer in-sync replicas than replicas. */
  underReplicated: number;
  /** ms; null = Kafka does not say. */
  retentionMs: string | null;
  /** End minus beginning over all partitions. */
  records: bigint;
};

const TOPIC = 2;

/** All topics of the cluster but Kafka's own, by name: four requests on one broker, whatever their number. */
export const listTopics = (observer: KafkaObserver, wants: (name: string) => boolean): Promise<ListedTopic[]> =>
  observer.cluster.use(async (link) => {
    const { topicMetadata } = await link.ask(link.nodes()[0]!, "Metadata", {
      topics: [],
      allowAutoTopicCreation: false,
    });
    const wanted = topicMetadata.filter(
      ({ topic, topicErrorCode, isInternal }) => topicErrorCode === 0 && !isInternal && wants(topic),
    );
    const places = wanted.map(placeOf);
    const [starts, ends, retention] = await Promise.all([
      readOffsets(link, places, "-2"),
      readOffsets(link, places, "-1"),
      readRetention(
        link,
        places.map(({ name }) => name),
      ),
    ]);
    return wanted
      .map(({ topic, partitionMetadata }) => ({
        name: topic,
        partitions: partitionMetadata.length,
        replicas: partitionMetadata[0]?.replicas.length ?? 0,
        underReplicated: partitionMetadata.filter(({ replicas, isr }) => isr.length < replicas.length).length,
        retentionMs: retention.get(topic) ?? null,
        records: partitionMetadata.reduce((sum, { partitionId }) => {
          const key = `${topic}/${partitionId}`;
          return sum + (ends.get(key) ?? 0n) - (starts.get(key) ?? 0n);
        }, 0n),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  });

async function readRetention(link: ClusterLink, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const { resources } = await link.ask(link.nodes()[0]!, "DescribeConfigs", {
    resources: names.map((name) => ({ type: TOPIC, name, configNames: ["retention.ms"] })),
    includeSynonyms: false,
  });
  return new Map(
    resources
      .filter(({ errorCode }) => errorCode === 0)
      .flatMap(({ resourceName, configEntries }) =>
        configEntries.map((one) => [resourceName, one.configValue] as const),
      ),
  );
}

import { Problem } from "#server/platform/problem";
import { processWide } from "#server/platform/process-wide";
import type { BrowseFrom, BrowsePart } from "./kafka-browse.ts";
import type { OffsetMove, OffsetPlan, OffsetTarget } from "./kafka-offsets.ts";
import type { ListedTopic } from "./kafka-topic-list.ts";

/** What the pages ask of Kafka itself; names as in the cluster, with every prefix. */
export type KafkaReads = {
  /** All topics but Kafka's own whose names are wanted. */
  listTopics(wants: (name: string) => boolean): Promise<ListedTopic[]>;
  /** @throws NoSuchTopic */
  browse(what: {
    topic: string;
    partition?: number;
    from: BrowseFrom;
    signal: AbortSignal;
  }): AsyncGenerator<BrowsePart>;
  planOffsets(group: string, topic: string, to: OffsetTarget): Promise<OffsetPlan>;
  /** @throws OffsetsRefused when somebody joined meanwhile. */
  moveOffsets(group: string, topic: string, moves: readonly OffsetMove[]): Promise<void>;
  close(): Promise<void>;
};

const holder = () => processWide("kafka-reads", (): { reads: KafkaReads | null } => ({ reads: null }));

/** Whoever starts the process says how Kafka is reached; kafkajs stays out of the bundles of pages and routes. */
export const provideKafkaReads = (reads: KafkaReads | null): void => {
  holder().reads = reads;
};

/**
 * Asks Kafka something for a page. @throws Problem 503 when it does not answer; errors of other meaning as they are.
 */
export async function askKafka<Answer>(question: (reads: KafkaReads) => Promise<Answer>): Promise<Answer> {
  const { reads } = holder();
  if (!reads) throw unavailable("This process has no connection to Kafka.");
  try {
    return await question(reads);
  } catch (error) {
    if (error instanceof Problem || isMeaningful(error)) throw error;
    throw unavailable("Kafka does not answer.");
  }
}

/** Errors that say something of the question, not of Kafka's health. Compared by name: there are several module graphs. */
const isMeaningful = (error: unknown): boolean => ["NoSuchTopic", "OffsetsRefused"].includes((error as Error)?.name);
const unavailable = (detail: string) =>
  new Problem(503, "kafka_unavailable", detail, { headers: { "retry-after": "5" } });

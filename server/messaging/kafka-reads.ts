import { browse } from "./kafka-browse.ts";
import { type Connection, createKafkaObserver } from "./kafka-observe.ts";
import { moveOffsets, planOffsets } from "./kafka-offsets.ts";
import type { KafkaReads } from "./kafka-reads-port.ts";
import { listTopics } from "./kafka-topic-list.ts";

/** Reads a cluster for the web process, over one connection that is made on first use. */
export function createKafkaReads(options: Connection): KafkaReads {
  const observer = createKafkaObserver(options);
  return {
    listTopics: (wants) => listTopics(observer, wants),
    browse: (what) => browse(observer, what),
    planOffsets: (group, topic, to) => planOffsets(observer, group, topic, to),
    moveOffsets: (group, topic, moves) => moveOffsets(observer, group, topic, moves),
    close: () => observer.close(),
  };
}

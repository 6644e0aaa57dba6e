import type { z } from "zod";
import type { TopicList, TopicQuery } from "#contracts/api/operations";
import { topics } from "#contracts/topology";
import { askKafka } from "#server/messaging/kafka-reads-port";
import { env } from "#server/platform/env";

/** All topics of the cluster, ours first, then by name; `total` also without the search. @throws Problem 503 */
export async function readTopics({ search }: z.infer<typeof TopicQuery>): Promise<z.infer<typeof TopicList>> {
  const { TOPIC_PREFIX } = env();
  const ours = new Set(Object.values(topics).map(({ name }) => TOPIC_PREFIX + name));
  const wanted = search?.toLowerCase() ?? "";
  let total = 0;
  const found = await askKafka((kafka) => {
    total = 0;
    return kafka.listTopics((name) => {
      total += 1;
      return name.toLowerCase().includes(wanted);
    });
  });
  const rows = found.map(({ records, ...topic }) => ({
    ...topic,
    isOurs: ours.has(topic.name),
    records: String(records),
  }));
  return { topics: [...rows.filter(({ isOurs }) => isOurs), ...rows.filter(({ isOurs }) => !isOurs)], total };
}

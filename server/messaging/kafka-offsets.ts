import type { ClusterLink } from "./kafka-cluster.ts";
import { type KafkaObserver, placeOf, readOffsets, type TopicPlace } from "./kafka-observe.ts";

/** Where a stopped group is to go on. `offset` moves one partition, the others stay. */
export type OffsetTarget =
  | { kind: "earliest" }
  | { kind: "latest" }
  | { kind: "time"; atMs: number }
  | { kind: "offset"; partition: number; offset: bigint };

export type OffsetMove = {
  partition: number;
  /** null = never committed. */
  from: bigint | null;
  to: bigint;
};

export type OffsetPlan = {
  /** Kafka's word; only an `Empty` or `Dead` group can be moved. */
  state: string;
  /** null = there is no such topic. */
  moves: OffsetMove[] | null;
};

/** Somebody joined the group meanwhile, or Kafka refuses for another reason: nothing was moved. */
export class OffsetsRefused extends Error {
  override name = "OffsetsRefused";
}

/** What a move would do, with the offsets as they are now. Changes nothing. */
export const planOffsets = (
  observer: KafkaObserver,
  group: string,
  topic: string,
  to: OffsetTarget,
): Promise<OffsetPlan> =>
  observer.cluster.use(async (link) => {
    const place = await findTopic(link, topic);
    const { groups } = await link.askCoordinator(group, "DescribeGroups", { groupIds: [group] });
    const state = groups[0]?.state ?? "Dead";
    if (!place) return { state, moves: null };
    const committed = await committedOf(link, group, topic);
    const [earliest, latest] = await Promise.all([readOffsets(link, [place], "-2"), readOffsets(link, [place], "-1")]);
    // Kafka answers -1 where nothing is as young as that: the end.
    const at = to.kind === "time" ? await readOffsets(link, [place], String(to.atMs)) : null;
    const moves = Array.from({ length: place.partitions }, (_, partition) => partition)
      .filter((partition) => to.kind !== "offset" || partition === to.partition)
      .map((partition) => {
        const [start, end] = [earliest, latest].map((offsets) => offsets.get(`${topic}/${partition}`) ?? 0n) as [
          bigint,
          bigint,
        ];
        return {
          partition,
          from: committed.get(partition) ?? null,
          to: within(wanted(partition, start, end), start, end),
        };
      });
    return { state, moves };

    function wanted(partition: number, start: bigint, end: bigint): bigint {
      if (to.kind === "earliest") return start;
      if (to.kind === "latest") return end;
      if (to.kind === "offset") return to.offset;
      const found = at!.get(`${topic}/${partition}`) ?? -1n;
      return found < 0n ? end : found;
    }
  });

const within = (offset: bigint, start: bigint, end: bigint) => (offset < start ? start : offset > end ? end : offset);

/**
 * Moves the offsets of a group without members. Kafka itself refuses when somebody has joined meanwhile.
 * @throws OffsetsRefused
 */
export const moveOffsets = (
  observer: KafkaObserver,
  group: string,
  topic: string,
  moves: readonly OffsetMove[],
): Promise<void> =>
  observer.cluster.use(async (link) => {
    const partitions = moves.map(({ partition, to }) => ({ partition, offset: String(to), metadata: "" }));
    const { responses } = await link.askCoordinator(group, "OffsetCommit", {
      groupId: group,
      groupGenerationId: -1,
      memberId: "",
      topics: [{ topic, partitions }],
    });
    const refused = responses.flatMap((one) => one.partitions).filter(({ errorCode }) => errorCode !== 0);
    if (refused.length > 0)
      throw new OffsetsRefused(
        `Kafka refused to move ${refused.map(({ partition }) => partition).join(", ")} (error ${refused[0]!.errorCode}): somebody has joined the group`,
      );
  });

async function findTopic(link: ClusterLink, topic: string): Promise<TopicPlace | null> {
  const { topicMetadata } = await link.ask(link.nodes()[0]!, "Metadata", {
    topics: [topic],
    allowAutoTopicCreation: false,
  });
  const found = topicMetadata.find((one) => one.topic === topic && one.topicErrorCode === 0);
  return found ? placeOf(found) : null;
}

async function committedOf(link: ClusterLink, group: string, topic: string): Promise<Map<number, bigint>> {
  const { responses } = await link.askCoordinator(group, "OffsetFetch", { groupId: group, topics: [] });
  const mine = responses.find((one) => one.topic === topic)?.partitions ?? [];
  return new Map(
    mine.filter(({ offset }) => !offset.startsWith("-")).map(({ partition, offset }) => [partition, BigInt(offset)]),
  );
}

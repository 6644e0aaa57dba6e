import { AssignerProtocol } from "kafkajs";
import { createClient, type KafkaOptions } from "./kafka.ts";
import { type ClusterLink, type ClusterUse, clusterOf, type TopicMetadata } from "./kafka-cluster.ts";
import { unreadReader } from "./kafka-unread.ts";

/** Where a group stands on a topic. Arrays by partition; names as in the cluster, with every prefix. */
export type ObservedGroup = {
  group: string;
  topic: string;
  /** Kafka's word: Stable, Empty, PreparingRebalance … */
  state: string;
  members: number;
  /** -1 = never committed. Control records behind it that nobody will ever read count as read. */
  committed: bigint[];
  starts: bigint[];
  ends: bigint[];
  /** Who owns it, `client@host`; null = nobody. */
  owners: (string | null)[];
  /** When the first unread record was written, unix ms; null = nothing unread, or not looked at yet. */
  firstUnreadMs: (number | null)[];
};

export type KafkaObservation = { atMs: number; groups: ObservedGroup[] };

export type KafkaObserver = {
  /** All groups of the cluster, one moment, in few requests. @throws when Kafka does not answer. */
  observe(): Promise<KafkaObservation>;
  /** The connection, for who reads more. */
  cluster: ClusterUse;
  close(): Promise<void>;
};

/** Which topics there are and who leads them is asked so often, ms. */
const TOPICS_EVERY_MS = 10_000;
const GROUPS_PER_REQUEST = 100;
const GROUPS_AT_ONCE = 50;
const READ_COMMITTED = 1;
const [EARLIEST, LATEST] = ["-2", "-1"];

export type Connection = Pick<KafkaOptions, "brokers" | "clientId" | "dial" | "requestTimeoutMs">;

type ObserverOptions = Connection & {
  /** Groups that begin at a partition's first record: it is their first unread one where they never committed. */
  fromBeginning?: ReadonlySet<string>;
};

/** Looks at a Kafka cluster without joining any group. */
export function createKafkaObserver({ fromBeginning = new Set(), ...options }: ObserverOptions): KafkaObserver {
  const cluster = clusterOf(clientOf(options));
  const unread = unreadReader();
  let topics: Topics | null = null;

  const observe = async (link: ClusterLink): Promise<KafkaObservation> => {
    const groups = await readGroups(link);
    const named = new Set(groups.flatMap((group) => [...group.topics.keys()]));
    if (
      !topics ||
      performance.now() - topics.readAtMs > TOPICS_EVERY_MS ||
      [...named].some((name) => !topics!.has(name))
    )
      topics = await readTopics(link);
    const mine = [...named].flatMap((name) => topics!.get(name) ?? []);
    // After the commits: the other way round a lag could come out negative.
    const ends = await readOffsets(link, mine, LATEST!);
    const atMs = Date.now();
    const starts = await topics.startsOf(link, mine);
    const observed = groups.flatMap((group) => join(group, topics!, starts, ends));
    await lookForUnread(link, observed, topics);
    return { atMs, groups: observed };
  };

  const lookForUnread = async (link: ClusterLink, groups: ObservedGroup[], known: Topics) => {
    const spots = groups.flatMap(({ group, topic, committed, starts, ends }, index) =>
      committed.flatMap((offset, partition) => {
        const [start, end] = [starts[partition]!, ends[partition]!];
        let from = offset;
        if (from < start) from = start;
        const leader = known.get(topic)?.leaders.get(partition) ?? -1;
        return (offset >= 0n || fromBeginning.has(group)) && from < end && leader >= 0
          ? [{ index, topic, partition, leader, offset: from, end }]
          : [];
      }),
    );
    const fresh = new Map(
      spots
        .filter((spot) => unread.recall(spot) === null)
        .map((spot) => [`${spot.topic}/${spot.partition}/${spot.offset}`, spot]),
    );
    if (fresh.size > 0) await unread.look(link, [...fresh.values()]);
    for (const spot of spots) {
      const found = unread.recall(spot);
      const group = groups[spot.index]!;
      if (found === "nothing") group.committed[spot.partition] = spot.end;
      else if (found) group.firstUnreadMs[spot.partition] = found.atMs;
    }
  };

  return { observe: () => cluster.use(observe), cluster, close: () => cluster.close() };
}

export const clientOf = (options: Connection) =>
  createClient({ prefix: "", onFatal: () => {}, ...options }, options.requestTimeoutMs ?? 5_000, {
    initialRetryTime: 50,
    maxRetryTime: 200,
    retries: 2,
  });

type GroupState = {
  group: string;
  state: string;
  members: number;
  /** By topic: committed by partition, and owners by partition. */
  topics: Map<string, { committed: Map<number, bigint>; owners: Map<number, string> }>;
};

/** Each broker lists the groups it coordinates, so nobody has to be asked for the coordinator. */
async function readGroups(link: ClusterLink): Promise<GroupState[]> {
  const perNode = await Promise.all(
    link.nodes().map(async (node) => {
      const { groups } = await link.ask(node, "ListGroups", {});
      const names = groups.filter(({ protocolType }) => protocolType === "consumer" || protocolType === "");
      return readGroupsOf(
        link,
        node,
        names.map(({ groupId }) => groupId),
      );
    }),
  );
  return perNode.flat();
}

async function readGroupsOf(link: ClusterLink, node: string, names: string[]): Promise<GroupState[]> {
  const described = await Promise.all(
    chunks(names, GROUPS_PER_REQUEST).map((groupIds) => link.ask(node, "DescribeGroups", { groupIds })),
  );
  const states: GroupState[] = [];
  for (const some of chunks(
    described.flatMap(({ groups }) => groups),
    GROUPS_AT_ONCE,
  ))
    states.push(
      ...(await Promise.all(
        some.map(async ({ groupId, state, members }) => {
          const { responses } = await link.ask(node, "OffsetFetch", { groupId, topics: [] });
          return groupState(groupId, state, members, responses);
        }),
      )),
    );
  return states;
}

function groupState(
  group: string,
  state: string,
  members: { clientId: string; clientHost: string; memberAssignment: Buffer }[],
  committed: { topic: string; partitions: { partition: number; offset: string }[] }[],
): GroupState {
  const topics: GroupState["topics"] = new Map();
  const of = (topic: string) => {
    const one = topics.get(topic) ?? { committed: new Map(), owners: new Map() };
    topics.set(topic, one);
    return one;
  };
  for (const { topic, partitions } of committed)
    for (const { partition, offset } of partitions) of(topic).committed.set(partition, BigInt(offset));
  for (const { clientId, clientHost, memberAssignment } of members) {
    const assignment = memberAssignment.length > 0 ? AssignerProtocol.MemberAssignment.decode(memberAssignment) : null;
    for (const [topic, partitions] of Object.entries(assignment?.assignment ?? {}))
      for (const partition of partitions)
        of(topic).owners.set(partition, `${clientId}@${clientHost.replace(/^\//, "")}`);
  }
  return { group, state, members: members.length, topics };
}

/** A topic that is gone leaves no lag behind. */
function join(
  { group, state, members, topics: mine }: GroupState,
  topics: Topics,
  starts: Offsets,
  ends: Offsets,
): ObservedGroup[] {
  return [...mine].flatMap(([topic, { committed, owners }]) => {
    const count = topics.get(topic)?.partitions ?? 0;
    if (count === 0) return [];
    const by = <Value>(pick: (partition: number) => Value) => Array.from({ length: count }, (_, one) => pick(one));
    return [
      {
        group,
        topic,
        state,
        members,
        committed: by((one) => committed.get(one) ?? -1n),
        starts: by((one) => starts.get(`${topic}/${one}`) ?? 0n),
        ends: by((one) => ends.get(`${topic}/${one}`) ?? 0n),
        owners: by((one) => owners.get(one) ?? null),
        firstUnreadMs: by(() => null),
      },
    ];
  });
}

export type TopicPlace = { name: string; partitions: number; leaders: Map<number, number> };
type Offsets = Map<string, bigint>;
type Topics = {
  readAtMs: number;
  has(name: string): boolean;
  get(name: string): TopicPlace | undefined;
  startsOf(link: ClusterLink, topics: readonly TopicPlace[]): Promise<Offsets>;
};

async function readTopics(link: ClusterLink): Promise<Topics> {
  const { topicMetadata } = await link.ask(link.nodes()[0]!, "Metadata", { topics: [], allowAutoTopicCreation: false });
  const places = new Map(
    topicMetadata.filter(({ topicErrorCode }) => topicErrorCode === 0).map((one) => [one.topic, placeOf(one)]),
  );
  let starts: Promise<Offsets> | null = null;
  return {
    readAtMs: performance.now(),
    has: (name) => places.has(name),
    get: (name) => places.get(name),
    startsOf: (...asked) => {
      starts ??= readOffsets(...asked, EARLIEST!);
      return starts;
    },
  };
}

export const placeOf = ({ topic, partitionMetadata }: TopicMetadata): TopicPlace => ({
  name: topic,
  partitions: partitionMetadata.length,
  leaders: new Map(partitionMetadata.map(({ partitionId, leader }) => [partitionId, leader])),
});

/** The offsets of all partitions at a time (-2 = earliest, -1 = latest), one request per broker. Partitions that answer with an error are left out. */
export async function readOffsets(
  link: ClusterLink,
  topics: readonly TopicPlace[],
  timestamp: string,
): Promise<Offsets> {
  const byLeader = new Map<number, Map<string, { partition: number; timestamp: string }[]>>();
  for (const { name, leaders } of topics)
    for (const [partition, leader] of leaders) {
      if (leader < 0) continue;
      const mine = byLeader.get(leader) ?? new Map<string, { partition: number; timestamp: string }[]>();
      byLeader.set(leader, mine);
      mine.set(name, [...(mine.get(name) ?? []), { partition, timestamp }]);
    }
  const answers = await Promise.all(
    [...byLeader].map(([leader, mine]) =>
      link.ask(leader, "ListOffsets", {
        isolationLevel: READ_COMMITTED,
        topics: [...mine].map(([topic, partitions]) => ({ topic, partitions })),
      }),
    ),
  );
  return new Map(
    answers.flatMap(({ responses }) =>
      responses.flatMap(({ topic, partitions }) =>
        partitions
          .filter(({ errorCode }) => errorCode === 0)
          .map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)] as const),
      ),
    ),
  );
}

function chunks<Value>(values: readonly Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}

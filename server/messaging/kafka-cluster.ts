import { createRequire } from "node:module";
import type { Kafka } from "kafkajs";

/*
 * kafkajs's admin asks one topic and one group at a time and fails as a whole where one partition has no leader. Who looks
 * at a whole cluster has to put many into one request and to take what answers: so this speaks the protocol by kafkajs's
 * own requests (2.2.4, pinned), without its checks of each answer.
 */

type Request = { request: unknown; response: { decode: unknown; parse: unknown } };
type Broker = {
  lookupRequest(key: number, versions: unknown): (values: object) => Request;
  connectionPool: { send(request: Request): Promise<unknown> };
};
type Cluster = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  findBroker(place: { nodeId: number | string }): Promise<Broker>;
  findGroupCoordinator(place: { groupId: string }): Promise<Broker>;
  getNodeIds(): string[];
};

export type TopicMetadata = {
  topicErrorCode: number;
  topic: string;
  isInternal: boolean;
  partitionMetadata: {
    partitionErrorCode: number;
    partitionId: number;
    leader: number;
    replicas: number[];
    isr: number[];
  }[];
};
type PartitionOffset = { partition: number; errorCode: number; offset: string };
export type FetchedRecord = {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | Buffer[]>;
  isControlRecord: boolean;
  batchContext: { producerId: string; inTransaction: boolean; firstOffset: string; lastOffsetDelta: number };
};
type FetchedPartition = {
  partition: number;
  errorCode: number;
  highWatermark: string;
  lastStableOffset: string;
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
  messages: FetchedRecord[];
};

/** The requests that are asked for here, with what comes back; nothing of it is checked. */
type Requests = {
  Metadata: [{ topics: string[]; allowAutoTopicCreation: false }, { topicMetadata: TopicMetadata[] }];
  ListGroups: [object, { errorCode: number; groups: { groupId: string; protocolType: string }[] }];
  DescribeGroups: [
    { groupIds: string[] },
    {
      groups: {
        errorCode: number;
        groupId: string;
        state: string;
        protocolType: string;
        members: { memberId: string; clientId: string; clientHost: string; memberAssignment: Buffer }[];
      }[];
    },
  ];
  OffsetFetch: [
    { groupId: string; topics: { topic: string; partitions: { partition: number }[] }[] },
    { errorCode: number; responses: { topic: string; partitions: PartitionOffset[] }[] },
  ];
  OffsetCommit: [
    {
      groupId: string;
      groupGenerationId: number;
      memberId: string;
      topics: { topic: string; partitions: { partition: number; offset: string; metadata?: string }[] }[];
    },
    { responses: { topic: string; partitions: { partition: number; errorCode: number }[] }[] },
  ];
  ListOffsets: [
    {
      isolationLevel: number;
      topics: { topic: string; partitions: { partition: number; timestamp: string }[] }[];
    },
    { responses: { topic: string; partitions: PartitionOffset[] }[] },
  ];
  Fetch: [
    {
      isolationLevel: number;
      maxWaitTime: number;
      minBytes: number;
      maxBytes: number;
      topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
    },
    { responses: { topicName: string; partitions: FetchedPartition[] }[] },
  ];
  DescribeConfigs: [
    { resources: { type: number; name: string; configNames: string[] }[]; includeSynonyms: boolean },
    {
      resources: {
        errorCode: number;
        resourceName: string;
        configEntries: { configName: string; configValue: string }[];
      }[];
    },
  ];
};
export type RequestName = keyof Requests;

/** One connection per broker; may be asked as often as one likes. */
export type ClusterLink = {
  nodes(): string[];
  ask<Name extends RequestName>(
    node: number | string,
    name: Name,
    values: Requests[Name][0],
  ): Promise<Requests[Name][1]>;
  askCoordinator<Name extends RequestName>(
    group: string,
    name: Name,
    values: Requests[Name][0],
  ): Promise<Requests[Name][1]>;
};

export type ClusterUse = {
  /** Lends the link. After a failure the next user gets new connections. @throws what `work` throws. */
  use<Result>(work: (link: ClusterLink) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

const load = createRequire(import.meta.url);
const requests = load("kafkajs/src/protocol/requests") as {
  requests: Record<string, unknown>;
};
const apiKeys = load("kafkajs/src/protocol/requests/apiKeys") as Record<string, number>;

const asItIs = async (data: unknown) => data;

async function send<Name extends RequestName>(
  broker: Broker,
  name: Name,
  values: Requests[Name][0],
): Promise<Requests[Name][1]> {
  const { request, response } = broker.lookupRequest(apiKeys[name]!, requests.requests[name])(values);
  return (await broker.connectionPool.send({ request, response: { ...response, parse: asItIs } })) as Requests[Name][1];
}

/** Connects on first use and again after every failure. */
export function clusterOf(kafka: Kafka): ClusterUse {
  let opening: Promise<Cluster> | null = null;
  const open = () => {
    opening ??= connect(kafka);
    opening.catch(() => {
      opening = null;
    });
    return opening;
  };
  const drop = async () => {
    const last = opening;
    opening = null;
    await last?.then((cluster) => cluster.disconnect()).catch(() => {});
  };
  const link = (cluster: Cluster): ClusterLink => ({
    nodes: () => cluster.getNodeIds(),
    ask: async (node, name, values) => send(await cluster.findBroker({ nodeId: node }), name, values),
    askCoordinator: async (groupId, name, values) =>
      send(await cluster.findGroupCoordinator({ groupId }), name, values),
  });
  return {
    async use(work) {
      const isFresh = opening === null;
      try {
        return await work(link(await open()));
      } catch (error) {
        await drop();
        // A connection that was idle too long is closed by the broker: that is nobody's outage.
        if (isFresh || !isConnectionFault(error)) throw error;
        return work(link(await open()));
      }
    },
    close: drop,
  };
}

const isConnectionFault = (error: unknown) => /Connection|Closed|Broker/.test((error as Error)?.name ?? "");

async function connect(kafka: Kafka): Promise<Cluster> {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  if (!symbol) throw new Error("kafkajs has no createCluster any more: kafka-cluster.ts wants version 2.2.4");
  const create = (kafka as never)[symbol] as (options: object) => Cluster;
  const cluster = create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, maxInFlightRequests: null });
  try {
    await cluster.connect();
    // Of all topics kafkajs refuses where one partition has no leader; the topic of the groups is the one we can't do without.
    await cluster.addMultipleTargetTopics(["__consumer_offsets"]).catch(() => cluster.refreshMetadata());
    return cluster;
  } catch (error) {
    await cluster.disconnect().catch(() => {});
    throw error;
  }
}

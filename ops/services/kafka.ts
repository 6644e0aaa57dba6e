import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { installIdleGuard } from "#server/messaging/kafka-idle-guard";
import { runningPid, stopDetached } from "../detached.ts";
import { state } from "../paths.ts";
import { listens, Sentence } from "../shell.ts";
import { fetchKafkaJars } from "./kafka-jars.ts";
import { formatNode, type KafkaNode, launchNode, nodeOf } from "./kafka-node.ts";

const DEFAULT_PORT = 9092;
const HEAP_MB = 512;
const READY_MS = 60_000;

/** A cluster of ours. */
export type OwnKafka = {
  brokers: string[];
  stop(): Promise<void>;
  /** kill -9 of one broker (the first unless said). */
  kill(index?: number): Promise<void>;
  /** Starts what is not running and waits until the cluster answers. */
  restart(): Promise<void>;
};

export type KafkaProfile = {
  /** Data, configuration and pid files. */
  dir: string;
  /** The first broker's port; its controller is on the next one, further brokers on +10, +20. */
  port: number;
  brokers?: 1 | 3;
  heapMb?: number;
};

/** Kafka by address, by default port, or started by us. */
export async function findKafka(brokers: 1 | 3): Promise<{ brokers: string; replication: number; how: string }> {
  if (process.env.KAFKA_BROKERS) {
    if (!(await answers(process.env.KAFKA_BROKERS.split(","), 1)))
      throw new Sentence(`No Kafka answers at ${process.env.KAFKA_BROKERS} (KAFKA_BROKERS).`);
    return {
      brokers: process.env.KAFKA_BROKERS,
      replication: Number(process.env.KAFKA_REPLICATION ?? 1),
      how: "from KAFKA_BROKERS",
    };
  }
  const dir = join(state, "kafka", `cluster-${brokers}`);
  const isOurs = runningPid(join(dir, "0", "pid")) !== null;
  if (!isOurs && brokers === 1 && (await listens(DEFAULT_PORT))) {
    if (!(await answers([`127.0.0.1:${DEFAULT_PORT}`])))
      throw new Sentence(
        `Port ${DEFAULT_PORT} is taken by something that is not Kafka. Free it, or set KAFKA_BROKERS.`,
      );
    return { brokers: `127.0.0.1:${DEFAULT_PORT}`, replication: 1, how: "already listening" };
  }
  if (!isOurs && runningPid(join(state, "kafka", "cluster-1", "0", "pid")) !== null)
    throw new Sentence(
      "One broker of ours runs already, and three can't run beside it: npm run stop, then start again.",
    );
  const kafka = await startKafka({ dir, port: DEFAULT_PORT, brokers });
  return {
    brokers: kafka.brokers.join(","),
    replication: brokers,
    how: isOurs ? "ours, already running" : "started by us",
  };
}

/** Starts a KRaft cluster on this machine's loopback address, or finds it running; its data stay where they are. */
export async function startKafka(profile: KafkaProfile): Promise<OwnKafka> {
  fetchKafkaJars();
  const count = profile.brokers ?? 1;
  const nodes = Array.from({ length: count }, (_, index) =>
    nodeOf({ dir: profile.dir, port: profile.port, index, count }),
  );
  for (const node of nodes) formatNode(node);
  const brokers = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const start = async () => {
    for (const node of nodes) if (runningPid(node.pidFile) === null) await launchNode(node, profile.heapMb ?? HEAP_MB);
    await waitUntilReady(brokers, nodes);
  };
  await start();
  return {
    brokers,
    restart: start,
    async stop() {
      await Promise.all(nodes.map(({ pidFile }) => stopDetached(pidFile)));
    },
    async kill(index = 0) {
      await stopDetached(nodes[index]!.pidFile, "SIGKILL");
    },
  };
}

async function waitUntilReady(brokers: string[], nodes: KafkaNode[]): Promise<void> {
  for (const end = Date.now() + READY_MS; !(await answers(brokers)); ) {
    const dead = nodes.find(({ pidFile }) => runningPid(pidFile) === null);
    if (dead || Date.now() > end)
      throw new Sentence(`Kafka did not come up: see ${join((dead ?? nodes[0]!).dir, "kafka.log")}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The cluster answers and knows as many brokers; all those addressed, unless said. */
async function answers(brokers: string[], atLeast = brokers.length): Promise<boolean> {
  const reached = await Promise.all(brokers.map((broker) => listensAt(broker.trim())));
  if (reached.filter(Boolean).length < atLeast) return false;
  installIdleGuard();
  const admin = new Kafka({
    brokers,
    clientId: "ops",
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
    connectionTimeout: 2_000,
  }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length >= atLeast;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function listensAt(broker: string): Promise<boolean> {
  const colon = broker.lastIndexOf(":");
  return listens(Number(broker.slice(colon + 1)), broker.slice(0, colon));
}

/** Ends the clusters that we started. True when there was one. */
export async function stopOwnKafka(): Promise<boolean> {
  const stopped = await Promise.all(
    [1, 3].flatMap((count) =>
      Array.from({ length: count }, (_, index) =>
        stopDetached(join(state, "kafka", `cluster-${count}`, String(index), "pid")),
      ),
    ),
  );
  return stopped.includes(true);
}

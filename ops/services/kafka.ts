import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { installIdleGuard } from "#server/messaging/kafka-idle-guard";
import { runningPid, startDetached, stopDetached } from "../detached.ts";
import { root, state } from "../paths.ts";
import { installPackages, listens, run, Sentence } from "../shell.ts";

const libs = join(state, "kafka", "libs");
const DEFAULT_PORT = 9092;
const HEAP_MB = 512;
const READY_MS = 60_000;
const FETCH_MS = 600_000;

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
  if (process.env.KAFKA_BROKERS)
    return {
      brokers: process.env.KAFKA_BROKERS,
      replication: Number(process.env.KAFKA_REPLICATION ?? 1),
      how: "from KAFKA_BROKERS",
    };
  const dir = join(state, "kafka", `cluster-${brokers}`);
  const isOurs = runningPid(join(dir, "0", "pid")) !== null;
  if (!isOurs && brokers === 1 && (await listens(DEFAULT_PORT))) {
    if (!(await answers([`127.0.0.1:${DEFAULT_PORT}`])))
      throw new Sentence(
        `Port ${DEFAULT_PORT} is taken by something that is not Kafka. Free it, or set KAFKA_BROKERS.`,
      );
    return { brokers: `127.0.0.1:${DEFAULT_PORT}`, replication: 1, how: "already listening" };
  }
  const kafka = await startKafka({ dir, port: DEFAULT_PORT, brokers });
  return {
    brokers: kafka.brokers.join(","),
    replication: brokers,
    how: isOurs ? "ours, already running" : "started by us",
  };
}

/** Starts a KRaft cluster on this machine's loopback address, or finds it running; its data stay where they are. */
export async function startKafka(profile: KafkaProfile): Promise<OwnKafka> {
  fetchJars();
  const count = profile.brokers ?? 1;
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(profile, index, count));
  for (const node of nodes) format(node);
  const brokers = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const start = async () => {
    for (const node of nodes) if (runningPid(node.pidFile) === null) await launch(node, profile.heapMb ?? HEAP_MB);
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

type Node = { dir: string; pidFile: string; port: number; config: string };

function nodeOf({ dir, port }: KafkaProfile, index: number, count: number): Node {
  const ports = Array.from({ length: count }, (_, place) => port + 10 * place);
  const own = ports[index]!;
  const folder = join(dir, String(index));
  const inSync = count >= 3 ? 2 : 1;
  const config = [
    "process.roles=broker,controller",
    `node.id=${index + 1}`,
    `controller.quorum.voters=${ports.map((one, place) => `${place + 1}@127.0.0.1:${one + 1}`).join(",")}`,
    `listeners=PLAINTEXT://127.0.0.1:${own},CONTROLLER://127.0.0.1:${own + 1}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${own}`,
    "controller.listener.names=CONTROLLER",
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    `log.dirs=${join(folder, "data")}`,
    "auto.create.topics.enable=false",
    "group.initial.rebalance.delay.ms=0",
    `default.replication.factor=${count}`,
    `min.insync.replicas=${inSync}`,
    `offsets.topic.replication.factor=${count}`,
    "offsets.topic.num.partitions=12",
    `transaction.state.log.replication.factor=${count}`,
    `transaction.state.log.min.isr=${inSync}`,
    "transaction.state.log.num.partitions=12",
    `share.coordinator.state.topic.replication.factor=${count}`,
    `share.coordinator.state.topic.min.isr=${inSync}`,
    "log.cleaner.dedupe.buffer.size=8388608",
  ].join("\n");
  return { dir: folder, pidFile: join(folder, "pid"), port: own, config };
}

/** All nodes of a cluster share its id, kept in a file, so that the data are found again. */
function format({ dir, config }: Node): void {
  mkdirSync(dir, { recursive: true });
  const properties = join(dir, "server.properties");
  writeFileSync(properties, `${config}\n`);
  if (existsSync(join(dir, "data", "meta.properties"))) return;
  const idFile = join(dir, "..", "cluster-id");
  if (!existsSync(idFile))
    writeFileSync(idFile, Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url"));
  const formatted = java(["-Xmx128m"], "kafka.tools.StorageTool", [
    "format",
    "--config",
    properties,
    "--cluster-id",
    readFileSync(idFile, "utf8"),
    "--ignore-formatted",
  ]);
  if (!formatted.ok) throw new Sentence(`Kafka's data folder could not be formatted: ${formatted.out.slice(-500)}`);
}

const logging = `-Dlog4j2.configurationFile=${join(root, "ops", "kafka", "log4j2.yaml")}`;
const classPath = join(libs, "*");
const java = (flags: string[], main: string, args: string[]) =>
  run("java", [...flags, logging, "-cp", classPath, main, ...args]);

async function launch({ dir, pidFile, port }: Node, heapMb: number): Promise<void> {
  for (const one of [port, port + 1])
    if (await listens(one))
      throw new Sentence(
        `Port ${one} is taken, and Kafka needs it. Free it, or set KAFKA_BROKERS to a Kafka that runs.`,
      );
  const flags = [
    `-Xmx${heapMb}m`,
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=4",
    "-Djava.awt.headless=true",
    logging,
  ];
  startDetached("java", [...flags, "-cp", classPath, "kafka.Kafka", join(dir, "server.properties")], {
    pidFile,
    log: join(dir, "kafka.log"),
  });
}

async function waitUntilReady(brokers: string[], nodes: Node[]): Promise<void> {
  for (const end = Date.now() + READY_MS; !(await answers(brokers)); ) {
    const dead = nodes.find(({ pidFile }) => runningPid(pidFile) === null);
    if (dead || Date.now() > end)
      throw new Sentence(`Kafka did not come up: see ${join((dead ?? nodes[0]!).dir, "kafka.log")}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The whole cluster is there: every broker is known. */
async function answers(brokers: string[]): Promise<boolean> {
  if (!(await Promise.all(brokers.map((one) => listens(Number(one.split(":")[1]))))).every(Boolean)) return false;
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
    return (await admin.describeCluster()).brokers.length >= brokers.length;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Kafka's jars from Maven Central, once. */
function fetchJars(): void {
  const done = join(libs, ".complete");
  if (existsSync(done)) return;
  if (!run("java", ["-version"]).ok) installPackages("A JDK (17 or newer)", ["default-jdk-headless"]);
  if (!run("mvn", ["-v"]).ok) installPackages("Maven", ["maven"]);
  console.log("  fetching Kafka's jars …");
  const fetched = run(
    "mvn",
    [
      "-q",
      "-B",
      "-f",
      join(root, "ops", "kafka", "pom.xml"),
      "dependency:copy-dependencies",
      `-DoutputDirectory=${libs}`,
    ],
    { timeoutMs: FETCH_MS },
  );
  if (!fetched.ok)
    throw new Sentence(`Kafka's jars could not be fetched from Maven Central: ${fetched.out.slice(-500)}`);
  writeFileSync(done, "");
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

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDetached } from "../detached.ts";
import { root } from "../paths.ts";
import { listens, run, Sentence } from "../shell.ts";
import { classPath } from "./kafka-jars.ts";

/** A broker that is its own controller; its controller listens on the port after its own. */
export type KafkaNode = { dir: string; pidFile: string; port: number; config: string };

/** The node's place and configuration. A cluster's ports are `port`, +10, +20. */
export function nodeOf({
  dir,
  port,
  index,
  count,
}: {
  dir: string;
  port: number;
  index: number;
  count: number;
}): KafkaNode {
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
export function formatNode({ dir, config }: KafkaNode): void {
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
    // In one word: an id may begin with a dash.
    `--cluster-id=${readFileSync(idFile, "utf8")}`,
    "--ignore-formatted",
  ]);
  if (!formatted.ok) throw new Sentence(`Kafka's data folder could not be formatted: ${formatted.out.slice(-500)}`);
}

const logging = `-Dlog4j2.configurationFile=${join(root, "ops", "kafka", "log4j2.yaml")}`;
const java = (flags: string[], main: string, args: string[]) =>
  run("java", [...flags, logging, "-cp", classPath, main, ...args]);

/** Starts the node's process, which goes on after us. @throws Sentence where one of its ports is taken. */
export async function launchNode({ dir, pidFile, port }: KafkaNode, heapMb: number): Promise<void> {
  for (const one of [port, port + 1])
    if (await listens(one))
      throw new Sentence(
        `Port ${one} is taken, and Kafka needs it. Free it, or set KAFKA_BROKERS to a Kafka that runs.`,
      );
  // The optimising compiler takes a quarter of a core for minutes after each start, which checkout's tail pays for on a
  // small machine (docs/bench.md, "Checkout's tail").
  const flags = [
    `-Xmx${heapMb}m`,
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    logging,
  ];
  startDetached("java", [...flags, "-cp", classPath, "kafka.Kafka", join(dir, "server.properties")], {
    pidFile,
    log: join(dir, "kafka.log"),
  });
}

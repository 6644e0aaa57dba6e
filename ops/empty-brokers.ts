import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { topics } from "#contracts/topology";
import { installIdleGuard } from "#server/messaging/kafka-idle-guard";
import { runningPid } from "./detached.ts";
import { state } from "./paths.ts";
import { findKafka } from "./services/kafka.ts";
import { listens, runAsRoot } from "./shell.ts";

const VHOST = "order_pipeline";

/**
 * Takes our topics and our vhost out of brokers that are not ours. The data of our own are removed as files, and a broker
 * that does not run is not started for it.
 */
export async function emptyBrokers(): Promise<void> {
  const runsOwnKafka = [1, 3].some((count) => isRunning(join("kafka", `cluster-${count}`, "0")));
  if (!runsOwnKafka && (process.env.KAFKA_BROKERS || (await listens(9092)))) await deleteTopics();
  if (process.env.RABBITMQ_URL)
    console.log("Queues: left, because RABBITMQ_URL is somebody else's: empty its vhost there");
  else if (!isRunning("rabbitmq") && (await listens(5672))) deleteVhost();
}

const isRunning = (folder: string) => runningPid(join(state, folder, "pid")) !== null;

async function deleteTopics(): Promise<void> {
  const { brokers } = await findKafka(1);
  installIdleGuard();
  const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const prefix = process.env.TOPIC_PREFIX ?? "";
    const ours = new Set(Object.values(topics).map(({ name }) => prefix + name));
    const existing = (await admin.listTopics()).filter((name) => ours.has(name));
    if (existing.length > 0) await admin.deleteTopics({ topics: existing });
    console.log(`Topics: ${existing.length} deleted`);
  } finally {
    await admin.disconnect();
  }
}

function deleteVhost(): void {
  const { ok } = runAsRoot("rabbitmqctl", ["--quiet", "delete_vhost", VHOST]);
  console.log(ok ? "Queues: vhost deleted" : `Queues: left. Run: sudo rabbitmqctl delete_vhost ${VHOST}`);
}

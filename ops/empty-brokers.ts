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
  if (!runsOwnKafka && (process.env.KAFKA_BROKERS || (await listens(9092)))) {
    const prefix = process.env.TOPIC_PREFIX ?? "";
    const ours = new Set(Object.values(topics).map(({ name }) => prefix + name));
    console.log(`Topics: ${await deleteTopics((name) => ours.has(name))} deleted`);
  }
  if (process.env.RABBITMQ_URL)
    console.log("Queues: left, because RABBITMQ_URL is somebody else's: empty its vhost there");
  else if (!isRunning("rabbitmq") && (await listens(5672)))
    console.log(
      deleteVhost(VHOST) ? "Queues: vhost deleted" : `Queues: left. Run: sudo rabbitmqctl delete_vhost ${VHOST}`,
    );
}

const isRunning = (folder: string) => runningPid(join(state, folder, "pid")) !== null;

/** Deletes the topics of the Kafka that we use whose names are chosen. @returns how many. */
export async function deleteTopics(isChosen: (name: string) => boolean): Promise<number> {
  const { brokers } = await findKafka(1);
  installIdleGuard();
  const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const chosen = (await admin.listTopics()).filter(isChosen);
    if (chosen.length > 0) await admin.deleteTopics({ topics: chosen });
    return chosen.length;
  } finally {
    await admin.disconnect();
  }
}

/** Deletes a vhost of this machine's RabbitMQ with all its queues. @returns false where it could not. */
export const deleteVhost = (vhost: string): boolean => runAsRoot("rabbitmqctl", ["--quiet", "delete_vhost", vhost]).ok;

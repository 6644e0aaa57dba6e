import { createKafkaObserver } from "./messaging/kafka-observe.ts";
import { createRabbitObserver } from "./messaging/rabbit-observe.ts";
import { ourGroups, startSampler } from "./pipeline/observe-sampler.ts";
import { watchAlerts } from "./pipeline/watch-alerts.ts";
import { closeDatabase } from "./platform/db.ts";
import { env } from "./platform/env.ts";
import { log } from "./platform/log.ts";
import { sendAlert } from "./send-alert.ts";

/*
 * The observer process: looks at Kafka and RabbitMQ and stores what it sees. One of all leads, the others stand by. Its
 * supervisor starts it again when it ends; a parent that goes away ends it too.
 */

const STOP_MS = 8_000;

const { KAFKA_BROKERS, RABBITMQ_URL, RABBITMQ_MANAGEMENT_URL, TIME_SCALE } = env();
const kafka = createKafkaObserver({
  brokers: KAFKA_BROKERS,
  clientId: "order-pipeline-observer",
  fromBeginning: ourGroups(),
});
const rabbit = createRabbitObserver({ url: RABBITMQ_URL, managementUrl: RABBITMQ_MANAGEMENT_URL, scale: TIME_SCALE });
const sampler = startSampler({ kafka, rabbit });
const alerts = watchAlerts(sendAlert);
process.send?.({ type: "ready" });

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
process.on("disconnect", () => void stop());
process.on("uncaughtException", (error) => exit(error));
process.on("unhandledRejection", (error) => exit(error as Error));

let isStopping = false;

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => process.exit(1), STOP_MS).unref();
  await Promise.all([sampler.stop(), alerts.stop()]);
  await Promise.all([kafka.close(), rabbit.close(), closeDatabase()]);
  process.exit(0);
}

function exit(error: Error): void {
  log().fatal({ error: error.message, stack: error.stack }, "the observer process ends");
  process.exit(1);
}

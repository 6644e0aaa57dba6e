import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { createKafka, type KafkaPort } from "./kafka.ts";
import { startOutboxRelay } from "./outbox-relay.ts";
import { startPausable } from "./pause-workers.ts";
import { publishAsks } from "./publish-asks.ts";
import { createRabbit, type RabbitPort } from "./rabbit.ts";
import { runKafkaWorker } from "./run-kafka-worker.ts";
import { familyOf, runRabbitWorker } from "./run-rabbit-worker.ts";
import { startReminders } from "./run-reminders.ts";
import type { WorkerDefinition } from "./worker.ts";

export type RunningWorkers = {
  /** Stops taking, finishes or gives back what is in hand, then closes the connections; at most about 10 s. */
  stop(): Promise<void>;
};

/** What runs beside the workers, on the same connections; it may stop by itself at most as slowly as they do. */
export type Service = (ports: Ports) => Promise<{ stop(): Promise<void> }> | { stop(): Promise<void> };
export type Ports = { kafka: KafkaPort; rabbit: RabbitPort };

/**
 * Connects the definitions to the brokers and runs them in this process. The same worker may run in any number of
 * processes: Kafka shares out partitions, RabbitMQ messages, PostgreSQL reminders; one relay leads, the others stand by.
 *
 * `onFatal` is called when going on makes no sense (a stuck consumer, a crashed group): the caller ends the process and
 * whoever supervises it starts it again.
 */
export async function runWorkers(
  workers: readonly WorkerDefinition[],
  { onFatal, services = [] }: { onFatal(error: Error): void; services?: readonly Service[] },
): Promise<RunningWorkers> {
  const { KAFKA_BROKERS, RABBITMQ_URL, TOPIC_PREFIX, TIME_SCALE } = env();
  const names = workers.map((worker) => worker.name);
  const kafka: KafkaPort = createKafka({
    brokers: KAFKA_BROKERS,
    clientId: "order-pipeline",
    prefix: TOPIC_PREFIX,
    onFatal,
  });
  const rabbit: RabbitPort = createRabbit({ url: RABBITMQ_URL, name: `workers ${names.join(" ")}` });
  await rabbit.declareTopology(TIME_SCALE);

  const publishFor = (worker: WorkerDefinition) => publishAsks(rabbit, worker.name);
  const pausables = workers.map((worker) => ({
    worker: worker.name,
    start: () =>
      familyOf(worker) ? runRabbitWorker(worker, rabbit) : runKafkaWorker(worker, kafka, publishFor(worker)),
  }));
  const [consumers, ...beside] = await Promise.all([
    startPausable(pausables),
    ...services.map((start) => start({ kafka, rabbit })),
  ]);
  const reminders = startReminders(workers, kafka, publishFor, consumers.isPaused);
  const relay = startOutboxRelay(kafka);
  log().info({ workers: names }, "workers run");

  return {
    async stop() {
      await Promise.all([relay, reminders, consumers, ...beside].map((one) => one.stop()));
      await Promise.all([kafka.close(), rabbit.close()]);
    },
  };
}

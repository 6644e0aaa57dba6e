import { ReplayTarget } from "#contracts/api/replays";

/** Where letters can be sent, and the form each kind starts from. */
export const targetKinds: Record<ReplayTarget["kind"], { label: string; empty: ReplayTarget }> = {
  worker: { label: "Worker", empty: { kind: "worker", worker: "" } },
  queue: { label: "RabbitMQ queue", empty: { kind: "queue", queue: "" } },
  exchange: { label: "RabbitMQ exchange", empty: { kind: "exchange", exchange: "", routingKey: "" } },
  topic: { label: "Kafka topic", empty: { kind: "topic", topic: "" } },
};

/** Complete enough to be planned with. Pure. */
export const isTarget = (target: ReplayTarget): boolean => ReplayTarget.safeParse(target).success;

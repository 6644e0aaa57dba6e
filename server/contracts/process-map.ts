import { queues, topics } from "./topology.ts";
import type { OrderStatus } from "./vocabulary.ts";

/*
 * Who reads what, for screens and checks that speak of workers without running them. A test holds it against the
 * workers themselves.
 */

/** A worker as a reader: attempts are all there are before a message becomes a dead letter. */
type Reader = { worker: string; attempts: number };

/** A worker that reads events from Kafka, as the consumer group of its name. */
export type EventReader = Reader & { types: readonly string[] | "every" };

const PATIENT = 21;
const BRIEF = 3;

export const eventReaders: readonly EventReader[] = [
  { worker: "charge-payment", attempts: PATIENT, types: ["order.placed"] },
  { worker: "reserve-stock", attempts: BRIEF, types: ["payment.captured", "payment.deferred"] },
  { worker: "create-shipment", attempts: PATIENT, types: ["inventory.reserved"] },
  {
    worker: "order-saga",
    attempts: PATIENT,
    types: [
      "order.placed",
      "payment.captured",
      "payment.failed",
      "inventory.rejected",
      "shipping.failed",
      "shipping.created",
    ],
  },
  { worker: "dispatch-tasks", attempts: BRIEF, types: "every" },
  { worker: "project-orders", attempts: BRIEF, types: "every" },
];

/** A worker that reads a queue family of RabbitMQ. */
export type QueueReader = Reader & { queue: string; command: string | null };

const attemptsOf = (family: { retryDelaysMs: readonly number[] }) => family.retryDelaysMs.length + 1;

export const queueReaders: readonly QueueReader[] = [
  { worker: "send-email", attempts: attemptsOf(queues.email), queue: queues.email.name, command: "email.send" },
  {
    worker: "render-invoice",
    attempts: attemptsOf(queues.invoice),
    queue: queues.invoice.name,
    command: "invoice.render",
  },
  { worker: "render-label", attempts: attemptsOf(queues.label), queue: queues.label.name, command: "label.render" },
  {
    worker: "deliver-webhook",
    attempts: attemptsOf(queues.webhook),
    queue: queues.webhook.name,
    command: "webhook.deliver",
  },
  { worker: "record-analytics", attempts: attemptsOf(queues.analytics), queue: queues.analytics.name, command: null },
  { worker: "keep-audit", attempts: attemptsOf(queues.audit), queue: queues.audit.name, command: null },
];

/** Every consumer group of ours and its topic: the workers, and the collector of dead letters, which nobody pauses. */
export const groupReaders: readonly { worker: string; topic: string }[] = [
  ...eventReaders.map(({ worker }) => ({ worker, topic: topics.orderEvents.name })),
  { worker: "collect-dead-letters", topic: topics.deadLetters.name },
];

/** Whether somebody may let it wait: a worker of the pipeline. */
export const isPausable = (worker: string): boolean =>
  [...eventReaders, ...queueReaders].some((reader) => reader.worker === worker);

/** In which status an order waits for a worker that brings it on; the other workers hold up no order. */
export const waitingStatuses: Readonly<Record<string, OrderStatus>> = {
  "charge-payment": "placed",
  "reserve-stock": "paid",
  "create-shipment": "reserved",
};

/** The workers that read events of this type from Kafka. */
export const readersOf = (type: string): EventReader[] =>
  eventReaders.filter(({ types }) => types === "every" || types.includes(type));

/** The worker whose turn it is after an event: it brings the order on, or undoes it. Null = the story ends here. */
export const nextWorkerAfter = (type: string): string | null => nextWorkers[type] ?? null;

const nextWorkers: Readonly<Record<string, string>> = {
  "order.placed": "charge-payment",
  "payment.captured": "reserve-stock",
  "payment.deferred": "reserve-stock",
  "inventory.reserved": "create-shipment",
  "inventory.rejected": "order-saga",
  "shipping.failed": "order-saga",
  "shipping.created": "order-saga",
};

/** A job that a fact asks a queue worker for. */
export type Job = {
  worker: string;
  queue: string;
  /** The command's id; the inbox row of `worker` under it says that the job is done. */
  messageId: string;
  /** What tells it from the fact's other jobs of this worker: the mail's kind, the endpoint's id. */
  about: string | null;
};

/** The jobs of a fact, made by whoever knows them and handed to whoever asks about them. */
export type JobsFor = (
  fact: { id: string; type: string; orderId: string; occurredAt: string; data: unknown },
  endpoints: readonly { id: string; factTypes: readonly string[] }[],
) => Job[];

/** Where messages live. Names are final; a test run sets a prefix (Kafka) or its own vhost (RabbitMQ) around them. */

/** Kafka topics. Retention 7 days; replication is a property of the cluster profile. */
export const topics = {
  orderEvents: { name: "order.events", partitions: 12 },
  inventoryUpdated: { name: "inventory.updated", partitions: 12 },
  // A record that came compressed is as large here as it really is: it must fit, or its partition would stand still.
  deadLetters: { name: "order.events.dlt", partitions: 3, maxMessageBytes: 67_108_864 },
  orderCreated: { name: "order-created", partitions: 12 },
  orderPaid: { name: "order-paid", partitions: 12 },
  orderShipped: { name: "order-shipped", partitions: 12 },
} as const;
export type Topic = (typeof topics)[keyof typeof topics] & {
  /** Larger than the broker's 1 MiB. */
  maxMessageBytes?: number;
};

export const TOPIC_RETENTION_MS = 7 * 24 * 3_600_000;

export const exchanges = {
  /** topic exchange, routing key `order.<country>.<category>.<fact>` */
  orderEvents: { name: "order_events", type: "topic" },
  /** fanout: everything that wants every fact and may miss one */
  broadcast: { name: "order_broadcast", type: "fanout" },
  /** direct, routing key = payment method */
  paymentMethod: { name: "order_payment_method", type: "direct" },
} as const;

/**
 * A work queue and what belongs to it: one retry queue per delay (queue TTL, dead-lettered back to the main queue)
 * and its own dead-letter queue. A retry wait lives in the broker, never in a process's timer.
 */
export type QueueFamily = {
  name: string;
  /** `classic` only where a feature forbids quorum (priorities) or losing is allowed on purpose. */
  type: "quorum" | "classic";
  durable: boolean;
  /** Highest priority (0..n); undefined = no priorities. */
  maxPriority?: number;
  /** A message older than this leaves for the dead-letter queue, ms. */
  ttlMs?: number;
  /** Waits before each further attempt, ms; attempts = delays + 1, then the dead-letter queue. */
  retryDelaysMs: readonly number[];
  /** Unacknowledged messages per consumer. */
  prefetch: number;
  /** At most once on purpose: no acknowledgement, no retry, no dead-letter queue. */
  bestEffort?: boolean;
  bindings?: readonly { exchange: string; routingKey: string }[];
};

const SECOND = 1_000;
const HOUR = 3_600_000;

export const queues = {
  email: {
    name: "email",
    type: "classic",
    durable: true,
    maxPriority: 10,
    ttlMs: 24 * HOUR,
    retryDelaysMs: [1 * SECOND, 5 * SECOND, 30 * SECOND],
    prefetch: 50,
  },
  webhook: {
    name: "webhook",
    type: "quorum",
    durable: true,
    ttlMs: HOUR,
    retryDelaysMs: [5 * SECOND, 25 * SECOND, 125 * SECOND],
    // A partner that hangs holds a place for 10 s, four times: there have to be places left for the others.
    prefetch: 100,
  },
  invoice: {
    name: "invoice",
    type: "quorum",
    durable: true,
    retryDelaysMs: [1 * SECOND, 5 * SECOND, 30 * SECOND],
    prefetch: 20,
    bindings: [
      { exchange: exchanges.paymentMethod.name, routingKey: "cod" },
      { exchange: exchanges.paymentMethod.name, routingKey: "prepaid" },
    ],
  },
  label: {
    name: "label",
    type: "quorum",
    durable: true,
    retryDelaysMs: [1 * SECOND, 5 * SECOND, 30 * SECOND],
    prefetch: 20,
  },
  analytics: {
    name: "analytics",
    type: "classic",
    durable: false,
    ttlMs: 2 * HOUR,
    retryDelaysMs: [],
    prefetch: 200,
    bestEffort: true,
    bindings: [{ exchange: exchanges.broadcast.name, routingKey: "" }],
  },
  audit: {
    name: "audit",
    type: "quorum",
    durable: true,
    retryDelaysMs: [1 * SECOND, 5 * SECOND, 30 * SECOND],
    prefetch: 200,
    bindings: [
      { exchange: exchanges.orderEvents.name, routingKey: "#" },
      { exchange: exchanges.broadcast.name, routingKey: "" },
    ],
  },
} as const satisfies Record<string, QueueFamily>;

/**
 * Every fact goes to `order_events`, which hands all to `order_broadcast`. RabbitMQ delivers one publish at most once
 * to a queue however many paths lead there, so `audit`, bound to both, still sees each fact once.
 */
export const exchangeBindings = [
  { from: exchanges.orderEvents.name, to: exchanges.broadcast.name, routingKey: "#" },
] as const;

/** A waiting room whose messages move on to `to` after `delayMs`: the delayed confirmation. */
export const delayQueues = {
  confirmation: { name: "confirmation.delay", delayMs: 5 * SECOND, to: queues.email },
} as const;
export type DelayQueue = (typeof delayQueues)[keyof typeof delayQueues];

/** `email.retry.1s`: the retry queue of a family for one delay. */
export const retryQueueName = (family: QueueFamily, delayMs: number) =>
  `${family.name}.retry.${delayMs % 1000 === 0 ? `${delayMs / 1000}s` : `${delayMs}ms`}`;
/** `email.dlq`: the dead-letter queue of a family. */
export const deadLetterQueueName = (family: QueueFamily) => `${family.name}.dlq`;

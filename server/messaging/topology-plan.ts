import {
  deadLetterQueueName,
  delayQueues,
  exchangeBindings,
  exchanges,
  type QueueFamily,
  queues,
  retryQueueName,
} from "#contracts/topology";

/** What is to be declared on RabbitMQ, before scaling. */
export type RabbitTopology = {
  exchanges: readonly { name: string; type: string }[];
  exchangeBindings: readonly { from: string; to: string; routingKey: string }[];
  families: readonly QueueFamily[];
  delayQueues: readonly { name: string; delayMs: number; to: QueueFamily }[];
};

/** The topology of this application, from the contracts. */
export const contractTopology: RabbitTopology = {
  exchanges: Object.values(exchanges),
  exchangeBindings,
  families: Object.values(queues),
  delayQueues: Object.values(delayQueues),
};

type Arguments = Record<string, string | number>;
export type PlannedQueue = {
  name: string;
  durable: boolean;
  arguments: Arguments;
  /** What an earlier version declared, and what may stay: arguments can't be changed without deleting the queue. */
  earlier?: Arguments;
};

const nothing: Arguments = {};

/**
 * After so many deliveries that ended with the consumer gone, a quorum queue hands the message to its dead-letter
 * queue: a message that kills its worker does not do so for ever.
 */
const DELIVERY_LIMIT = 20;

/**
 * A dead-letter queue hands on to nobody: what reaches its limit is deleted. RabbitMQ 4 takes 20 where nothing is said,
 * and -1, its word for no limit, means 0 to RabbitMQ 3. So it is a number that is never reached.
 */
const NEVER_REACHED = 1_000_000_000;

/** A wait in earnest to the wait under `scale`, whole ms, at least 1. */
export const scaledMs = (ms: number, scale: number) => Math.max(1, Math.round(ms * scale));

/**
 * Every queue in the order of declaration. Whatever a queue hands its messages to stands before it where that is
 * possible: dead-letter queues first, then retry queues, then main queues, then delay queues.
 *
 * Quorum queues hand on at least once: the message stays until the next queue has confirmed it.
 */
export function planQueues(topology: RabbitTopology, scale: number): PlannedQueue[] {
  const lasting = topology.families.filter((family) => !family.bestEffort);
  return [
    ...lasting.map((family) => ({
      ...quorum(deadLetterQueueName(family), { "x-delivery-limit": NEVER_REACHED }),
      earlier: quorum("", {}).arguments,
    })),
    ...lasting.flatMap((family) =>
      family.retryDelaysMs.map((delayMs) => {
        const waitMs = scaledMs(delayMs, scale);
        return quorum(retryQueueName(family, waitMs), { "x-message-ttl": waitMs, ...handsOnTo(family.name) });
      }),
    ),
    ...topology.families.map(mainQueue),
    ...topology.delayQueues.map((queue) =>
      quorum(queue.name, { "x-message-ttl": scaledMs(queue.delayMs, scale), ...handsOnTo(queue.to.name) }),
    ),
  ];
}

function mainQueue(family: QueueFamily): PlannedQueue {
  const ttl: Arguments = family.ttlMs === undefined ? {} : { "x-message-ttl": family.ttlMs };
  const priorities: Arguments = family.maxPriority === undefined ? {} : { "x-max-priority": family.maxPriority };
  const dead = deadLetterQueueName(family);
  if (family.type === "quorum")
    return quorum(family.name, { ...ttl, ...handsOnTo(dead), "x-delivery-limit": DELIVERY_LIMIT });
  return {
    name: family.name,
    durable: family.durable,
    arguments: {
      "x-queue-type": "classic",
      ...priorities,
      ...ttl,
      ...(family.bestEffort ? nothing : { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead }),
    },
  };
}

const quorum = (name: string, more: Arguments): PlannedQueue => ({
  name,
  durable: true,
  arguments: { "x-queue-type": "quorum", ...more },
});

/** At least once is refused by the broker unless the queue also says no when it is full. */
const handsOnTo = (queue: string) => ({
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": queue,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish",
});

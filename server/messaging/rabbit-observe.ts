import { setTimeout as sleep } from "node:timers/promises";
import type { Channel } from "amqplib";
import { closeChannel, rabbitConnection } from "./rabbit-connection.ts";
import { rabbitManagement } from "./rabbit-management.ts";
import { contractTopology, planQueues } from "./topology-plan.ts";

/** A queue at one moment. Figures that the source does not give are null, never zero. */
export type ObservedQueue = {
  name: string;
  ready: number;
  unacked: number | null;
  consumers: number;
  /** Counters since the queue was made. */
  published: number | null;
  delivered: number | null;
  acked: number | null;
};

export type RabbitObservation = {
  atMs: number;
  /** By AMQP alone only our own queues are known, without rates and unacknowledged messages. */
  source: "management" | "amqp";
  queues: ObservedQueue[];
};

export type RabbitObserver = {
  /** @throws when RabbitMQ does not answer in 3 s. */
  observe(): Promise<RabbitObservation>;
  close(): Promise<void>;
};

const TIMEOUT_MS = 3_000;
/** The management API renews its figures so often. */
const MANAGED_EVERY_MS = 5_000;
/** A queue of ours that is not there is asked for again so often: each question costs a channel. */
const MISSING_MS = 10_000;
const NOT_FOUND = 404;

/**
 * Looks at the queues of a vhost: depth and consumers of ours by AMQP, fresh; all else from the management API where
 * there is one. @param options.scale TIME_SCALE, which is part of the retry queues' names.
 */
export function createRabbitObserver(options: {
  url: string;
  managementUrl?: string;
  scale: number;
  /** Ours unless said. */
  names?: readonly string[];
}): RabbitObserver {
  const { url, managementUrl, scale } = options;
  const names = options.names ?? planQueues(contractTopology, scale).map(({ name }) => name);
  const connection = rabbitConnection({ url, name: "observer" });
  const askManagement = rabbitManagement({ url, managementUrl });
  const missing = new Map<string, number>();
  let channel: Channel | null = null;
  let managed: { atMs: number; queues: ObservedQueue[] | null } = { atMs: Number.NEGATIVE_INFINITY, queues: null };

  const open = async (): Promise<Channel> => {
    const opened = await (await connection.open()).createChannel();
    opened.on("error", () => {});
    opened.on("close", () => {
      if (channel === opened) channel = null;
    });
    channel = opened;
    return opened;
  };
  const depths = async (): Promise<ObservedQueue[]> => {
    const queues: ObservedQueue[] = [];
    for (const name of names) {
      if ((missing.get(name) ?? 0) > performance.now()) continue;
      try {
        const { messageCount, consumerCount } = await (channel ?? (await open())).checkQueue(name);
        missing.delete(name);
        queues.push({
          name,
          ready: messageCount,
          consumers: consumerCount,
          unacked: null,
          published: null,
          delivered: null,
          acked: null,
        });
      } catch (error) {
        channel = null;
        if ((error as { code?: number }).code !== NOT_FOUND) throw error;
        missing.set(name, performance.now() + MISSING_MS);
      }
    }
    return queues;
  };
  const manage = async (): Promise<ObservedQueue[] | null> => {
    if (performance.now() - managed.atMs >= MANAGED_EVERY_MS)
      managed = { atMs: performance.now(), queues: await askManagement() };
    return managed.queues;
  };

  return {
    async observe() {
      const [ours, all] = await Promise.all([within(depths()).catch((error: Error) => error), manage()]);
      if (ours instanceof Error && all === null) throw ours;
      const fresh = new Map(ours instanceof Error ? [] : ours.map((queue) => [queue.name, queue]));
      const source = all === null ? "amqp" : "management";
      const queues = (all ?? []).map((queue) => ({ ...queue, ...pick(fresh.get(queue.name)) }));
      const seen = new Set(queues.map(({ name }) => name));
      return {
        atMs: Date.now(),
        source,
        queues: [...queues, ...[...fresh.values()].filter(({ name }) => !seen.has(name))],
      };
    },
    async close() {
      if (channel) await closeChannel(channel);
      await connection.close();
    },
  };
}

const pick = (queue: ObservedQueue | undefined) => queue && { ready: queue.ready, consumers: queue.consumers };

/** The connection itself keeps trying for ever; who looks wants to know soon that nobody answers. */
function within<Result>(looking: Promise<Result>): Promise<Result> {
  const timer = new AbortController();
  const late = sleep(TIMEOUT_MS, undefined, { signal: timer.signal }).then((): never => {
    throw new Error(`RabbitMQ does not answer in ${TIMEOUT_MS} ms`);
  });
  return Promise.race([looking, late]).finally(() => timer.abort());
}

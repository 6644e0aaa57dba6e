import { setTimeout as sleep } from "node:timers/promises";
import { log } from "#server/platform/log";
import type { RabbitDelivery, RabbitMessage } from "./broker.ts";
import type { Fault } from "./failure.ts";
import { type ConnectionState, closeChannel, rabbitConnection } from "./rabbit-connection.ts";
import { type ConsumedQueue, type Consuming, consumeQueue, type HeldDelivery } from "./rabbit-consume.ts";
import { type Fate, failDelivery, withoutBrokerMarks } from "./rabbit-fail.ts";
import { type Outgoing, rabbitPublisher } from "./rabbit-publish.ts";
import { declareTopology, TopologyMismatch } from "./rabbit-topology.ts";
import { contractTopology, type RabbitTopology } from "./topology-plan.ts";

export type RabbitPort = {
  /**
   * Declares all exchanges, queues and bindings and compares the arguments of those that stand already. Done again
   * after every loss, so that an emptied broker gets them back.
   * @param scale TIME_SCALE: multiplies the waits of retry and delay queues.
   * @throws TopologyMismatch naming the queue and the cure.
   */
  declareTopology(scale?: number): Promise<void>;
  /**
   * Resolves when the outcome of all is known, in their order: null = confirmed and routed, `NotRouted` or
   * `OutcomeUnknown`. Waits while the broker blocks; gives up after 10 s without connection or confirm.
   */
  publish(messages: readonly RabbitMessage[]): Promise<(Error | null)[]>;
  /**
   * Hands over each message of the queue; the handler acknowledges. Survives reconnects and the deletion of the queue;
   * acknowledgements for a lost channel do nothing. Also for a dead-letter queue: `{ name: "email.dlq", prefetch: 500 }`.
   */
  consume(queue: ConsumedQueue, onDelivery: (delivery: RabbitDelivery) => void): Promise<Consuming>;
  /**
   * An attempt failed: on to the next retry queue or, when exhausted or hopeless, to the dead-letter queue; acknowledged
   * after the confirm. Body, properties and headers stay, failure and origin headers are added.
   * @throws the outcome when the broker takes it nowhere; the message is then delivered again.
   */
  fail(delivery: RabbitDelivery, fault: Fault, options?: { hopeless?: boolean }): Promise<Fate>;
  /** Messages ready and consumers of a queue; null = there is no such queue. @throws when the broker can't be asked in 5 s */
  depth(queue: string): Promise<{ ready: number; consumers: number } | null>;
  /** For health: `blocked` is the broker's reason for taking no messages. */
  state(): { publishing: ConnectionState; consuming: ConnectionState; blocked: string | null };
  /** Stops the consumers, waits for what is in flight (10 s at most for handlers, 2 s for confirms) and disconnects. */
  close(): Promise<void>;
};

const DEPTH_TIMEOUT_MS = 5_000;
const REPAIR_EVERY_MS = 5_000;
const NOT_FOUND = 404;

/**
 * RabbitMQ with one connection for publishing and one for the rest, so that a blocked publisher never keeps a
 * consumer from acknowledging. Connects on first use and for ever after; keeps no messages of its own.
 * @param options.name how the connections are called in the broker's lists.
 */
export function createRabbit(options: { url: string; name: string; topology?: RabbitTopology }): RabbitPort {
  const { url, name, topology = contractTopology } = options;
  const families = new Map(topology.families.map((family) => [family.name, family]));
  const exchanges = new Set(["", ...topology.exchanges.map((exchange) => exchange.name)]);
  const consumers = new Set<Consuming>();
  let scale: number | null = null;
  let declared: Promise<void> | null = null;
  let repairedAt = Number.NEGATIVE_INFINITY;

  const publishing = rabbitConnection({
    url,
    name: `${name} publish`,
    onChange: () => publisher.connectionChanged(),
  });
  const consuming = rabbitConnection({
    url,
    name: `${name} consume`,
    onChange() {
      if (consuming.state() !== "open") doubt();
    },
  });

  /** What was declared may be gone. */
  const doubt = () => {
    declared = null;
  };

  const declare = (): Promise<void> => {
    if (scale === null) return Promise.resolve();
    const wanted = scale;
    if (declared) return declared;
    const attempt = consuming.open().then((model) => declareTopology(model, topology, wanted));
    declared = attempt;
    attempt.catch(() => {
      if (declared === attempt) declared = null;
    });
    return attempt;
  };

  /** After a loss: what can't be repaired is loudly left as it is, since `mandatory` still keeps messages from loss. */
  const prepare = () =>
    declare().catch((error) => {
      if (!(error instanceof TopologyMismatch)) throw error;
      log().error({ err: error }, "The RabbitMQ topology is not as it should be");
    });

  const onReturned = () => {
    if (performance.now() - repairedAt < REPAIR_EVERY_MS) return;
    repairedAt = performance.now();
    doubt();
    prepare().catch((error) => log().warn({ err: error }, "The RabbitMQ topology could not be declared again"));
  };

  const publisher = rabbitPublisher(publishing, { exchanges, prepare, onLost: doubt, onReturned });

  return {
    declareTopology(wanted = 1) {
      scale = wanted;
      doubt();
      return declare();
    },
    publish: (messages) => publisher.publish(messages.map(outgoing)),
    async consume(family, onDelivery) {
      const consumer = await consumeQueue({
        connection: consuming,
        family,
        onDelivery,
        prepare,
        onCancelled: doubt,
      });
      consumers.add(consumer);
      return consumer;
    },
    async fail(delivery, fault, { hopeless = false } = {}) {
      const family = families.get(delivery.queue);
      if (!family) throw new Error(`queue "${delivery.queue}" has no family: its messages can't fail`);
      return failDelivery(delivery as HeldDelivery, { family, scale: scale ?? 1 }, fault, hopeless, publisher.publish);
    },
    depth: (queue) => {
      const timer = new AbortController();
      const late = sleep(DEPTH_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
        throw new Error(`RabbitMQ did not tell the depth of "${queue}" in ${DEPTH_TIMEOUT_MS} ms`);
      });
      return Promise.race([depth(queue), late]).finally(() => timer.abort());
    },
    state: () => ({
      publishing: publishing.state(),
      consuming: consuming.state(),
      blocked: publishing.blocked(),
    }),
    async close() {
      // Before the connections: what handlers still publish has to get out, and their acknowledgements too.
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await publisher.close();
      await Promise.all([publishing.close(), consuming.close()]);
    },
  };

  async function depth(queue: string) {
    // A queue that is not there costs the channel, so each question has its own.
    const channel = await (await consuming.open()).createChannel();
    channel.on("error", () => {});
    try {
      const { messageCount, consumerCount } = await channel.checkQueue(queue);
      return { ready: messageCount, consumers: consumerCount };
    } catch (error) {
      if ((error as { code?: number }).code === NOT_FOUND) return null;
      throw error;
    } finally {
      await closeChannel(channel);
    }
  }
}

function outgoing(message: RabbitMessage): Outgoing {
  const { exchange, routingKey, messageId, value, headers, priority, persistent = true, properties } = message;
  return {
    exchange,
    routingKey,
    content: value,
    options: {
      ...properties,
      messageId,
      headers: withoutBrokerMarks(headers),
      persistent,
      ...(priority === undefined ? {} : { priority }),
    },
  };
}

export { TopologyMismatch };

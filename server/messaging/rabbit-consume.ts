import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, ConsumeMessage } from "amqplib";
import type { QueueFamily } from "#contracts/topology";
import { log } from "#server/platform/log";
import type { Headers, RabbitDelivery } from "./broker.ts";
import { acknowledger } from "./rabbit-acks.ts";
import { keepChannel, RabbitClosed, type RabbitConnection } from "./rabbit-connection.ts";
import { messageWindow } from "./rabbit-window.ts";

/** A delivery with what its port needs to pass it on whole. */
export type HeldDelivery = RabbitDelivery & {
  message: ConsumeMessage;
  /** Back to the queue, to be delivered again. */
  giveBack(): void;
};

export type Consuming = {
  /** Takes no further message, waits for those in the handler's hands (10 s at most), gives the rest back. */
  stop(): Promise<void>;
};

/** What to read, and how much of it at a time. */
export type ConsumedQueue = Pick<QueueFamily, "name" | "prefetch" | "bestEffort"> & {
  /** Bytes unacknowledged at a time, at most, or one message: for a queue whose messages may be of any size. */
  heldBytes?: number;
};

const STOP_PATIENCE_MS = 10_000;

/**
 * Hands every message of a queue to `onDelivery`, at most `prefetch` unacknowledged at a time, through reconnects and
 * through the deletion of the queue. Best-effort queues are read without acknowledgement: as fast as the broker sends.
 * Resolves when the first subscription stands.
 *
 * A prefetch counts messages and holds for the subscription that follows it, and quorum queues know no other: another
 * window is another subscription on the same channel. With `heldBytes` a channel that brings too much is given up; what
 * is on its way is dropped unread and comes again.
 * @param prepare declares the topology before a new subscription.
 * @param onCancelled the broker ended the subscription, because the queue went.
 */
export async function consumeQueue(options: {
  connection: RabbitConnection;
  family: ConsumedQueue;
  onDelivery(delivery: RabbitDelivery): void;
  prepare(): Promise<void>;
  onCancelled(): void;
}): Promise<Consuming> {
  const { connection, family, onDelivery, prepare, onCancelled } = options;
  const noAck = family.bestEffort ?? false;
  const window = messageWindow(family);
  let stopping = false;
  let cancel = async () => {};
  let drained = async () => {};
  const subscribed = Promise.withResolvers<void>();

  const subscribe = async (channel: Channel, replace: () => void) => {
    await prepare();
    window.open();
    const acks = acknowledger(channel);
    const held = new Set<number>();
    let setAside = 0;
    let emptied = () => {};
    const lose = () => {
      acks.close();
      replace();
    };
    const release = ({ fields }: ConsumeMessage) => {
      const was = held.delete(fields.deliveryTag);
      if (held.size === 0) emptied();
      return was;
    };
    const settle = (message: ConsumeMessage) => {
      const was = release(message);
      if (was && window.settle(message.content.length)) listenAnew();
      return was;
    };

    const take = (message: ConsumeMessage) => {
      if (stopping || !acks.isOpen()) return;
      if (!noAck) {
        if (!window.take(message.content.length)) return lose();
        held.add(message.fields.deliveryTag);
      }
      const delivery: HeldDelivery = {
        ...described(message, family.name),
        message,
        isHeld: () => acks.isOpen() && held.has(message.fields.deliveryTag),
        ack: () => void (settle(message) && acks.ack(message)),
        giveBack: () => void (settle(message) && acks.giveBack(message)),
        setAside() {
          if (setAside >= family.prefetch || !release(message)) return;
          setAside += 1;
          window.setAside(message.content.length);
          listenAnew();
        },
      };
      try {
        onDelivery(delivery);
      } catch (error) {
        log().error({ queue: family.name, messageId: delivery.messageId, err: error }, "A delivery was not taken");
        delivery.giveBack();
      }
    };

    let tag: string | null = null;
    const listen = async () => {
      if (tag !== null) await channel.cancel(tag);
      if (stopping) return;
      if (!noAck) await channel.prefetch(window.size());
      const consumer = await channel.consume(
        family.name,
        (message) => {
          if (message) return take(message);
          log().warn({ queue: family.name }, "RabbitMQ ended the subscription");
          onCancelled();
          lose();
        },
        { noAck },
      );
      tag = consumer.consumerTag;
    };
    let listening = listen();
    /** What is held stays held, and counts no more against the prefetch. A channel that went is replaced anyway. */
    const listenAnew = () => {
      listening = listening.then(listen).catch(() => lose());
    };
    await listening;
    cancel = async () => {
      await listening;
      if (tag !== null) await channel.cancel(tag);
    };
    drained = async () => {
      if (held.size > 0)
        await new Promise<void>((resolve) => {
          emptied = resolve;
          channel.on("close", resolve);
        });
      acks.flush();
    };
    subscribed.resolve();
  };

  const kept = keepChannel({
    connection,
    purpose: `consume ${family.name}`,
    create: (model) => model.createChannel(),
    setUp: subscribe,
    lost() {
      cancel = drained = async () => {};
    },
    ended: () => subscribed.reject(new RabbitClosed()),
  });
  await subscribed.promise;

  return {
    async stop() {
      stopping = true;
      const limit = new AbortController();
      await Promise.race([
        // A cancel that fails means that the channel went: nothing is held any more.
        cancel().then(drained, () => {}),
        sleep(STOP_PATIENCE_MS, undefined, { signal: limit.signal }).catch(() => {}),
      ]);
      limit.abort();
      await kept.stop();
    },
  };
}

function described(message: ConsumeMessage, queue: string): Omit<RabbitDelivery, "ack" | "isHeld" | "setAside"> {
  const { fields, properties, content } = message;
  return {
    queue,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    messageId: typeof properties.messageId === "string" ? properties.messageId : null,
    attempts: attemptsOf(properties.headers),
    raw: { key: null, value: content, headers: Object.entries(properties.headers ?? {}).map(asBytes) },
    table: properties.headers ?? {},
    properties: without(properties, "headers"),
    isRedelivered: fields.redelivered,
  };
}

/** The properties that were set, less one. */
const without = (properties: object, left: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).filter(([name, value]) => name !== left && value !== undefined));

/** Headers come from anybody: what is not a count is none. */
function attemptsOf(headers: Record<string, unknown> | undefined): number {
  const attempts = Number(headers?.["x-attempts"] ?? 0);
  return Number.isSafeInteger(attempts) && attempts > 0 ? attempts : 0;
}

/** Tables and arrays (the broker's own `x-death`) become JSON. */
function asBytes([name, value]: [string, unknown]): Headers[number] {
  if (Buffer.isBuffer(value)) return [name, value];
  return [name, Buffer.from(typeof value === "object" ? JSON.stringify(value) : String(value))];
}

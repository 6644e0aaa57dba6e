import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, ConsumeMessage } from "amqplib";
import type { QueueFamily } from "#contracts/topology";
import { log } from "#server/platform/log";
import type { Headers, RabbitDelivery } from "./broker.ts";
import { acknowledger } from "./rabbit-acks.ts";
import { keepChannel, RabbitClosed, type RabbitConnection } from "./rabbit-connection.ts";

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

const STOP_PATIENCE_MS = 10_000;

/**
 * Hands every message of a queue to `onDelivery`, at most `prefetch` unacknowledged at a time, through reconnects and
 * through the deletion of the queue. Best-effort queues are read without acknowledgement: as fast as the broker sends.
 * Resolves when the first subscription stands.
 * @param prepare declares the topology before a new subscription.
 * @param onCancelled the broker ended the subscription, because the queue went.
 */
export async function consumeQueue(options: {
  connection: RabbitConnection;
  family: Pick<QueueFamily, "name" | "prefetch" | "bestEffort">;
  onDelivery(delivery: RabbitDelivery): void;
  prepare(): Promise<void>;
  onCancelled(): void;
}): Promise<Consuming> {
  const { connection, family, onDelivery, prepare, onCancelled } = options;
  const noAck = family.bestEffort ?? false;
  let stopping = false;
  let cancel = async () => {};
  let drained = async () => {};
  const subscribed = Promise.withResolvers<void>();

  const subscribe = async (channel: Channel, lose: () => void) => {
    await prepare();
    const acks = acknowledger(channel);
    const held = new Set<ConsumeMessage>();
    let emptied = () => {};
    const release = (message: ConsumeMessage) => {
      const was = held.delete(message);
      if (held.size === 0) emptied();
      return was;
    };

    const take = (message: ConsumeMessage) => {
      if (stopping) return;
      if (!noAck) held.add(message);
      const delivery: HeldDelivery = {
        ...described(message, family.name),
        message,
        ack: () => void (release(message) && acks.ack(message)),
        giveBack: () => void (release(message) && acks.giveBack(message)),
      };
      try {
        onDelivery(delivery);
      } catch (error) {
        log().error({ queue: family.name, messageId: delivery.messageId, err: error }, "A delivery was not taken");
        delivery.giveBack();
      }
    };

    if (!noAck) await channel.prefetch(family.prefetch);
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
    cancel = async () => void (await channel.cancel(consumer.consumerTag));
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

function described(message: ConsumeMessage, queue: string): Omit<RabbitDelivery, "ack"> {
  const { fields, properties, content } = message;
  return {
    queue,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    messageId: typeof properties.messageId === "string" ? properties.messageId : null,
    attempts: attemptsOf(properties.headers),
    raw: { key: null, value: content, headers: Object.entries(properties.headers ?? {}).map(asBytes) },
  };
}

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

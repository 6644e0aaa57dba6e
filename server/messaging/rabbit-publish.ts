import { type ChannelModel, type ConfirmChannel, IllegalOperationError, type Message, type Options } from "amqplib";
import { NotRouted, OutcomeUnknown } from "./broker.ts";
import { type KeptChannel, keepChannel, type RabbitConnection } from "./rabbit-connection.ts";

/** A message as it goes on the wire. `options.messageId` must be there: returns are told apart by it. */
export type Outgoing = {
  exchange: string;
  routingKey: string;
  content: Buffer;
  options: Options.Publish & { messageId: string };
};

/** Messages sent and not yet confirmed, at most. */
const WINDOW = 500;
/** No confirm, or no connection, for so long = we don't know. */
const PATIENCE_MS = 10_000;
/** Bytes of a body. The broker would end the channel for 128 MiB, and with it what is in flight. */
const MAX_BYTES = 16 * 1_024 * 1_024;
/** On closing, what is in flight may still be confirmed for so long. */
const CLOSE_PATIENCE_MS = 2_000;

type Pending = { message: Outgoing; sentAt: number; returned: boolean; settle(outcome: Error | null): void };

export type RabbitPublisher = {
  publish(messages: readonly Outgoing[]): Promise<(Error | null)[]>;
  /** The connection opened, closed, was blocked or unblocked. */
  connectionChanged(): void;
  /** Takes nothing more; what is in flight has 2 s to be confirmed and is OutcomeUnknown then. */
  close(): Promise<void>;
};

/**
 * Publishes with confirms and `mandatory`. Nothing is buffered beyond the window: a caller waits in `publish` until
 * the channel is open, the window has room, the socket drains and the broker does not block.
 * @param surroundings.exchanges those that exist: one that does not costs the channel and all that is in flight on it.
 * @param surroundings.prepare declares the topology before a new channel is used.
 * @param surroundings.onLost the channel went, perhaps because something is missing.
 * @param surroundings.onReturned a message found no queue.
 */
export function rabbitPublisher(
  connection: RabbitConnection,
  surroundings: {
    exchanges: ReadonlySet<string>;
    prepare(): Promise<void>;
    onLost(): void;
    onReturned(): void;
  },
): RabbitPublisher {
  const { exchanges, prepare, onLost, onReturned } = surroundings;
  let kept: KeptChannel | null = null;
  let channel: ConfirmChannel | null = null;
  let draining = false;
  let closed = false;
  let patience: NodeJS.Timeout | undefined;
  let downSince = performance.now();
  const pending = new Set<Pending>();
  let waiters: (() => void)[] = [];

  const change = () => new Promise<void>((resolve) => waiters.push(resolve));
  const wake = () => {
    const woken = waiters;
    waiters = [];
    for (const waiter of woken) waiter();
  };

  const createChannel = (model: ChannelModel) => model.createConfirmChannel({ highWaterMark: 2 * WINDOW });

  const setUp = async (opened: ConfirmChannel) => {
    let open = true;
    opened.on("close", () => {
      open = false;
      channel = null;
      downSince = performance.now();
      onLost();
      wake();
    });
    opened.on("drain", () => {
      draining = false;
      wake();
    });
    opened.on("return", (returned) => {
      markReturned(pending, returned);
      onReturned();
    });
    await prepare();
    if (!open) return;
    draining = false;
    channel = opened;
    wake();
  };

  const ready = () =>
    channel !== null && !draining && pending.size < WINDOW && connection.blocked() === null && !closed;

  /** Why a message is not sent at all. Only a missing channel makes a caller give up waiting. */
  const refusal = (since: number) => {
    if (closed) return new OutcomeUnknown("The RabbitMQ port is closed; the message was not sent");
    if (channel === null && performance.now() - Math.max(since, downSince) >= PATIENCE_MS)
      return new OutcomeUnknown("RabbitMQ could not be reached; the message was not sent");
    return null;
  };

  const send = (message: Outgoing) =>
    new Promise<Error | null>((resolve) => {
      if (!exchanges.has(message.exchange)) return resolve(new NotRouted(`There is no exchange "${message.exchange}"`));
      if (message.content.length > MAX_BYTES) return resolve(new NotRouted(`A message may have ${MAX_BYTES} bytes`));
      const entry: Pending = {
        message,
        sentAt: performance.now(),
        returned: false,
        settle(outcome) {
          pending.delete(entry);
          resolve(outcome);
          // One place became free: one caller may go on.
          waiters.shift()?.();
        },
      };
      pending.add(entry);
      const options = { ...message.options, mandatory: true };
      try {
        draining = !channel!.publish(message.exchange, message.routingKey, message.content, options, (error) =>
          entry.settle(outcomeOf(error, entry)),
        );
      } catch (error) {
        // Thrown before anything was written: the channel was closing, or the message can't be encoded.
        const Outcome = error instanceof IllegalOperationError ? OutcomeUnknown : NotRouted;
        entry.settle(new Outcome(`The message was not sent: ${(error as Error).message}`, { cause: error }));
      }
    });

  const checkPatience = () => {
    // While blocked the broker reads nothing, so no confirm can be expected.
    if (connection.blocked() !== null) for (const entry of pending) entry.sentAt = performance.now();
    const [oldest] = pending;
    if (oldest && performance.now() - oldest.sentAt > PATIENCE_MS) connection.drop(`no confirm in ${PATIENCE_MS} ms`);
    wake();
  };

  const start = () => {
    patience = setInterval(checkPatience, 500);
    return keepChannel({ connection, purpose: "publish", create: createChannel, setUp });
  };

  return {
    async publish(messages) {
      if (messages.length === 0) return [];
      kept ??= start();
      const since = performance.now();
      const outcomes: (Error | null | Promise<Error | null>)[] = [];
      for (const message of messages) {
        // No await between the last look and the sending, or all who wait would find the same free place.
        while (!ready() && !refusal(since)) await change();
        outcomes.push(ready() ? send(message) : refusal(since));
      }
      return Promise.all(outcomes);
    },
    connectionChanged: wake,
    async close() {
      closed = true;
      wake();
      const until = performance.now() + CLOSE_PATIENCE_MS;
      while (pending.size > 0 && performance.now() < until) await change();
      clearInterval(patience);
      await kept?.stop();
    },
  };
}

/** The broker says it before it confirms the same message. */
function markReturned(pending: Iterable<Pending>, { fields, properties }: Message): void {
  for (const entry of pending) {
    const { exchange, routingKey, options } = entry.message;
    if (entry.returned || options.messageId !== properties.messageId) continue;
    if (exchange !== fields.exchange || routingKey !== fields.routingKey) continue;
    entry.returned = true;
    return;
  }
}

function outcomeOf(error: Error | null, { message, returned }: Pending): Error | null {
  const to = `exchange "${message.exchange}", routing key "${message.routingKey}"`;
  if (error?.message === "message nacked") return new NotRouted(`RabbitMQ refused the message (${to})`);
  if (error) return new OutcomeUnknown(`The connection was lost before RabbitMQ confirmed (${to})`, { cause: error });
  return returned ? new NotRouted(`No queue takes the message (${to})`) : null;
}

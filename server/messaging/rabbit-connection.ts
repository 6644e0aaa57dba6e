import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, type ChannelModel, connect } from "amqplib";
import { log } from "#server/platform/log";

const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_S = 10;
const CLOSE_TIMEOUT_MS = 2_000;
/** A channel that lived so long was sound: the next one is tried without a long wait. */
const SOUND_AFTER_MS = 5_000;

/** The wait before attempt `attempt` + 1, ms: 0.1 s doubling to 5 s, anywhere in its upper half. */
export const backoffMs = (attempt: number) =>
  Math.min(5_000, 100 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

/** The port was closed while somebody waited for it. */
export class RabbitClosed extends Error {
  override name = "RabbitClosed";
  override message = "This RabbitMQ port is closed";
}

export type ConnectionState = "idle" | "connecting" | "open" | "closed";

export type RabbitConnection = {
  /** The open connection, opened on first use. Keeps trying until it is there. @throws RabbitClosed */
  open(): Promise<ChannelModel>;
  state(): ConnectionState;
  /** The broker's reason for not reading from us (memory or disk alarm); null = it reads. */
  blocked(): string | null;
  /** Ends the present connection without a handshake; for a broker that no longer answers. */
  drop(reason: string): void;
  close(): Promise<void>;
};

/**
 * One connection that is opened again whenever it is lost. Keeps no message: what was in flight is the users' affair.
 * @param onChange called after the connection opened, closed, was blocked or unblocked.
 */
export function rabbitConnection(options: { url: string; name: string; onChange?: () => void }): RabbitConnection {
  const { url, name, onChange = () => {} } = options;
  const closing = new AbortController();
  let opening: Promise<ChannelModel> | null = null;
  let model: ChannelModel | null = null;
  let blocked: string | null = null;

  const connectOnce = async () => {
    const opened = await connect(withHeartbeat(url), {
      noDelay: true,
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { connection_name: name },
    });
    // An 'error' without a listener would end the process.
    opened.on("error", (error) => log().warn({ connection: name, err: error }, "RabbitMQ connection failed"));
    opened.on("handler-error", (error) => log().error({ connection: name, err: error }, "RabbitMQ listener failed"));
    opened.on("blocked", (reason) => {
      blocked = reason;
      log().warn({ connection: name, reason }, "RabbitMQ blocks publishing");
      onChange();
    });
    opened.on("unblocked", () => {
      blocked = null;
      log().info({ connection: name }, "RabbitMQ takes messages again");
      onChange();
    });
    opened.on("close", (error) => {
      if (!closing.signal.aborted) log().warn({ connection: name, err: error }, "RabbitMQ connection closed");
      opening = model = blocked = null;
      onChange();
    });
    return opened;
  };

  const establish = async () => {
    for (let attempt = 0; ; attempt += 1) {
      if (closing.signal.aborted) throw new RabbitClosed();
      try {
        const opened = await connectOnce();
        if (closing.signal.aborted) {
          destroy(opened, "closed meanwhile");
          throw new RabbitClosed();
        }
        model = opened;
        onChange();
        return opened;
      } catch (error) {
        if (error instanceof RabbitClosed) throw error;
        // The first failure and then about one a minute.
        if (attempt % 12 === 0) log().warn({ connection: name, err: error }, "RabbitMQ can't be reached, trying again");
        await sleep(backoffMs(attempt), undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  };

  return {
    open: () => {
      opening ??= establish();
      return opening;
    },
    state: () => (closing.signal.aborted ? "closed" : model ? "open" : opening ? "connecting" : "idle"),
    blocked: () => blocked,
    drop: (reason) => {
      if (model) destroy(model, reason);
    },
    async close() {
      closing.abort();
      const last = model;
      if (last && !(await within(CLOSE_TIMEOUT_MS, last.close()))) destroy(last, "no answer to close");
      onChange();
    },
  };
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", String(HEARTBEAT_S));
  return parsed.href;
}

/** The library has no call for this; without it a broker that hangs is noticed only by the heartbeat. */
function destroy(model: ChannelModel, reason: string): void {
  (model.connection as unknown as { stream: Duplex }).stream.destroy(new Error(reason));
}

/** True when the promise settled in time, either way. */
function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  const timer = new AbortController();
  return Promise.race([settled, sleep(ms, false, { signal: timer.signal })]).finally(() => timer.abort());
}

export type KeptChannel = { stop(): Promise<void> };

/**
 * Keeps one channel open: creates it, sets it up, and starts over whenever it or its connection is lost.
 * @param setUp makes the channel ready; it may call `lose` at any time to have it replaced.
 */
export function keepChannel<One extends Channel>(options: {
  connection: RabbitConnection;
  /** For the log. */
  purpose: string;
  create(model: ChannelModel): Promise<One>;
  setUp(channel: One, lose: () => void): Promise<void>;
  /** The channel is gone; another will be set up unless `ended` follows. */
  lost?(): void;
  /** There will be no further channel. */
  ended?(): void;
}): KeptChannel {
  const { connection, purpose, create, setUp, lost = () => {}, ended = () => {} } = options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  let current: One | null = null;

  const hold = async () => {
    const channel = await create(await connection.open());
    current = channel;
    const gone = new Promise<void>((resolve) => {
      channel.on("close", resolve);
      channel.on("error", (error) => log().warn({ purpose, err: error }, "RabbitMQ channel failed"));
      channel.on("handler-error", (error) => log().error({ purpose, err: error }, "RabbitMQ listener failed"));
      setUp(channel, resolve).catch((error) => {
        if (!stopping.signal.aborted) log().warn({ purpose, err: error }, "RabbitMQ channel can't be set up");
        resolve();
      });
    });
    await Promise.race([gone, stopped]);
    lost();
    current = null;
    await closeChannel(channel);
  };

  const loop = async () => {
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      const startedAt = performance.now();
      try {
        await hold();
      } catch (error) {
        if (error instanceof RabbitClosed) return;
        log().warn({ purpose, err: error }, "RabbitMQ channel can't be opened");
      }
      if (performance.now() - startedAt > SOUND_AFTER_MS) attempt = 0;
      await sleep(backoffMs(attempt), undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const done = loop().then(ended);

  return {
    async stop() {
      stopping.abort();
      // Waiting for a connection that may never come is no reason to wait here.
      if (current) await done;
    },
  };
}

/** Closes a channel that may be closed already or whose broker no longer answers. */
export async function closeChannel(channel: Channel): Promise<void> {
  await within(CLOSE_TIMEOUT_MS, channel.close());
}

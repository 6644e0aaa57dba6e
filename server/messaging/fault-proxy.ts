import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

type Direction = "requests" | "answers";

/** What the network does to every connection through the proxy, open ones and new ones. */
export type Fault =
  | { mode: "pass" }
  /** Nobody listens; open connections are reset. */
  | { mode: "refuse" }
  /** Every connection is reset, new ones right after they are accepted. */
  | { mode: "reset" }
  /** Each piece arrives `delayMs` to `delayMs + jitterMs` later, in order. */
  | { mode: "latency"; delayMs: number; jitterMs?: number }
  /** Nothing gets through, nobody is told. What was sent meanwhile arrives when the fault ends, as with TCP. */
  | { mode: "blackhole"; direction: Direction | "both" }
  /** The target says it will not answer any more, but goes on listening. */
  | { mode: "half-close" }
  | { mode: "bandwidth"; bytesPerSecond: number };

export type FaultProxy = {
  host: string;
  port: number;
  /** Changes the weather; resolves when it holds for new connections too. */
  set(fault: Fault): Promise<void>;
  /** Connections open at the moment. */
  connections(): number;
  close(): Promise<void>;
};

const HOST = "127.0.0.1";
/** Per direction; more makes the sender wait, like a full socket buffer. */
const HELD_BYTES = 1_048_576;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `bytes` null = the end of the stream. */
type Piece = { bytes: Buffer | null; arrivedMs: number };
type Weather = { fault: Fault /** Aborted when the fault changes. */; until: AbortController };

/**
 * One port in front of one target. A test tool: it stands between a client and Kafka, RabbitMQ, PostgreSQL or a mail
 * server and takes the network away. Works on bytes; knows no protocol.
 */
export async function startFaultProxy(target: { host?: string; port: number }, port = 0): Promise<FaultProxy> {
  const weather: Weather = { fault: { mode: "pass" }, until: new AbortController() };
  const open = new Set<readonly [Socket, Socket]>();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (weather.fault.mode === "reset") {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: target.host ?? HOST, port: target.port, allowHalfOpen: true, noDelay: true });
    const pair = [client, upstream] as const;
    open.add(pair);
    for (const [one, other] of [pair, [upstream, client]] as const) {
      one.on("error", () => {});
      one.on("close", (hadError) => {
        open.delete(pair);
        // A proper end travels with the bytes, behind them.
        if (hadError) other.resetAndDestroy();
        else if (!one.readableEnded) other.destroy();
      });
    }
    carry(client, upstream, "requests", weather);
    carry(upstream, client, "answers", weather);
    if (weather.fault.mode === "half-close") client.end();
  });
  await listen(server, port);
  const { port: listening } = server.address() as AddressInfo;

  const resetAll = () => {
    for (const [client, upstream] of open) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    open.clear();
  };
  return {
    host: HOST,
    port: listening,
    async set(fault) {
      weather.fault = fault;
      weather.until.abort();
      weather.until = new AbortController();
      if (fault.mode === "refuse" || fault.mode === "reset") resetAll();
      if (fault.mode === "half-close") for (const [client] of open) client.end();
      if (fault.mode === "refuse" && server.listening) await shut(server);
      if (fault.mode !== "refuse" && !server.listening) await listen(server, listening);
    },
    connections: () => open.size,
    async close() {
      weather.until.abort();
      resetAll();
      if (server.listening) await shut(server);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, "listening");
}

const shut = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

/** Carries bytes one way through whatever weather there is, in order. */
function carry(from: Socket, to: Socket, direction: Direction, weather: Weather): void {
  const pieces: Piece[] = [];
  let held = 0;
  let isCarrying = false;

  const carryOn = async (): Promise<void> => {
    if (isCarrying) return;
    isCarrying = true;
    for (let piece = pieces[0]; piece; piece = pieces[0]) {
      await passable(piece, direction, weather);
      pieces.shift();
      if (!to.writable) continue;
      if (piece.bytes === null) to.end();
      else if (!to.write(piece.bytes)) await drained(to);
      held -= piece.bytes?.length ?? 0;
      if (held < HELD_BYTES) from.resume();
    }
    isCarrying = false;
  };
  const take = (bytes: Buffer | null) => {
    pieces.push({ bytes, arrivedMs: performance.now() });
    held += bytes?.length ?? 0;
    if (held >= HELD_BYTES) from.pause();
    void carryOn();
  };
  from.on("data", take);
  from.on("end", () => take(null));
}

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });

/** Resolves when the piece may go on; asks again whenever the weather changes. */
async function passable(piece: Piece, direction: Direction, weather: Weather): Promise<void> {
  const beganMs = performance.now();
  const luck = Math.random();
  for (;;) {
    const leftMs = dueMs(piece, direction, weather.fault, beganMs, luck) - performance.now();
    if (leftMs <= 0) return;
    await wait(Math.min(leftMs, LONGEST_TIMER_MS), undefined, { signal: weather.until.signal }).catch(() => {});
  }
}

/** `luck` 0..1 is the piece's place in the jitter. */
function dueMs(piece: Piece, direction: Direction, fault: Fault, beganMs: number, luck: number): number {
  switch (fault.mode) {
    case "latency":
      return piece.arrivedMs + fault.delayMs + luck * (fault.jitterMs ?? 0);
    case "bandwidth":
      return beganMs + ((piece.bytes?.length ?? 0) / fault.bytesPerSecond) * 1_000;
    case "blackhole":
      return fault.direction === "both" || fault.direction === direction ? Number.POSITIVE_INFINITY : 0;
    default:
      return 0;
  }
}

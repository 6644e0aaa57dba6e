import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

let echo: Server;
let heard = "";
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  heard = "";
  echo = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      heard += bytes;
      socket.write(bytes);
    });
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function dial(): Promise<Socket> {
  const client = connect({ port: proxy.port, host: proxy.host, allowHalfOpen: true, noDelay: true });
  clients.push(client);
  client.on("error", () => {});
  await once(client, "connect");
  return client;
}

const answer = async (client: Socket, ms = 2_000): Promise<string | null> => {
  const nothing = wait(ms).then(() => null);
  return Promise.race([once(client, "data").then(([bytes]) => String(bytes)), nothing]);
};

const failure = (client: Socket) =>
  once(client, "error").then(
    ([error]) => error.code,
    (error) => error.code,
  );

test("in good weather bytes go both ways and an end is passed on behind them", async () => {
  const client = await dial();
  client.end("hello");
  expect(await text(client)).toBe("hello");
});

test("refusing resets the open connections and turns new ones away until it ends", async () => {
  const client = await dial();
  client.write("a");
  await answer(client);
  const reset = failure(client);
  await proxy.set({ mode: "refuse" });
  expect(await reset).toBe("ECONNRESET");
  const late = connect(proxy.port, proxy.host);
  clients.push(late);
  expect(await failure(late)).toBe("ECONNREFUSED");
  await proxy.set({ mode: "pass" });
  const again = await dial();
  again.write("b");
  expect(await answer(again)).toBe("b");
});

test("resetting takes new connections and drops them at once", async () => {
  await proxy.set({ mode: "reset" });
  const client = connect(proxy.port, proxy.host);
  clients.push(client);
  expect(await failure(client)).toBe("ECONNRESET");
});

test("latency delays every piece and keeps their order", async () => {
  await proxy.set({ mode: "latency", delayMs: 50, jitterMs: 30 });
  const client = await dial();
  const startedMs = performance.now();
  for (const piece of ["1", "2", "3", "4"]) client.write(piece);
  client.end();
  expect(await text(client)).toBe("1234");
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(99);
});

test("a black hole for answers lets the request through and keeps the answer until it ends", async () => {
  const client = await dial();
  await proxy.set({ mode: "blackhole", direction: "answers" });
  client.write("pay");
  await expect.poll(() => heard).toBe("pay");
  expect(await answer(client, 100)).toBeNull();
  const late = answer(client);
  await proxy.set({ mode: "pass" });
  expect(await late).toBe("pay");
});

test.each(["requests", "both"] as const)(
  "a black hole for %s keeps the request away from the target",
  async (direction) => {
    const client = await dial();
    await proxy.set({ mode: "blackhole", direction });
    client.write("pay");
    expect(await answer(client, 100)).toBeNull();
    expect(heard).toBe("");
    const late = answer(client);
    await proxy.set({ mode: "pass" });
    expect(await late).toBe("pay");
  },
);

test("half-closing ends the answers while requests still arrive", async () => {
  const client = await dial();
  client.write("a");
  await answer(client);
  const ended = once(client, "end");
  await proxy.set({ mode: "half-close" });
  await ended;
  client.write("b");
  await expect.poll(() => heard).toBe("ab");
});

test("bandwidth holds a long message back for as long as it takes", async () => {
  const client = await dial();
  await proxy.set({ mode: "bandwidth", bytesPerSecond: 100_000 });
  const startedMs = performance.now();
  client.end(Buffer.alloc(10_000, "x"));
  expect((await text(client)).length).toBe(10_000);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(195);
});

test("a reset by the target reaches the client", async () => {
  const [, client] = await Promise.all([once(echo, "connection").then(([socket]) => socket.resetAndDestroy()), dial()]);
  expect(client.destroyed || (await failure(client)) === "ECONNRESET").toBe(true);
  await expect.poll(() => proxy.connections()).toBe(0);
});

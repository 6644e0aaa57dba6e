import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createChannel } from "./live-channel.ts";
import { openReader } from "./live-reader.ts";

const server = createServer();
beforeEach(async () => void (await once(server.listen(0, "127.0.0.1"), "listening")));
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
});

let last = 0;
const sequence = { epoch: "e1", next: () => ++last };
const neverRefused = () => expect.unreachable("this channel is never refused");

/** Somebody who takes nothing until told to, and the server's side of the stream. */
async function openSlowReader() {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
  const errors: Error[] = [];
  response.on("error", (error) => errors.push(error));
  let text = "";
  socket.on("data", (bytes) => {
    text = (text + bytes).slice(-2_000);
  });
  socket.pause();
  return { socket, response, errors, text: () => text, reader: openReader(response, (error) => errors.push(error)) };
}

const filler = "x".repeat(8_000_000);

test("a slow reader gets the newest state, not the ones in between", async () => {
  const { socket, reader, text } = await openSlowReader();
  const channel = createChannel("overview", { read: async () => filler }, sequence);
  await channel.snapshot();
  reader.follow(channel, undefined, neverRefused);
  await new Promise(setImmediate);
  for (let version = 2; version <= 50; version += 1) {
    channel.put({ version });
    reader.advance(channel);
  }
  socket.resume();
  await expect.poll(text, { timeout: 5_000 }).toContain('{"version":50}');
  expect(text()).not.toContain('{"version":49}');
});

test("a slow reader gets every row that changed meanwhile, merged into one frame", async () => {
  const { socket, reader, text } = await openSlowReader();
  const rowId = (row: unknown) => (row as { id: number }).id.toString();
  const channel = createChannel("orders", { read: async () => [{ id: 0, filler }], rowId }, sequence);
  reader.follow(channel, undefined, neverRefused);
  await channel.snapshot();
  await new Promise(setImmediate);
  for (let id = 1; id <= 60; id += 1) {
    channel.change([{ id, version: 1 }]);
    reader.advance(channel);
  }
  channel.change([{ id: 7, version: 2 }]);
  reader.advance(channel);
  socket.resume();
  await expect.poll(text, { timeout: 5_000 }).toContain('{"id":7,"version":2}');
  expect(text().split("event: delta")).toHaveLength(2);
  const rows = JSON.parse(/data: (\[.*\])\n/.exec(text().split("event: delta")[1]!)![1]!) as { id: number }[];
  expect(rows.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 60 }, (_, index) => index + 1),
  );
});

test.each([1, 8_000_000])("nothing is written to a stream that has ended with %i bytes under way", async (size) => {
  const { socket, reader, response, errors } = await openSlowReader();
  const channel = createChannel("overview", { read: async () => "x".repeat(size) }, sequence);
  await channel.snapshot();
  reader.follow(channel, undefined, neverRefused);
  await new Promise(setImmediate);
  reader.end("shutdown");
  channel.put("too late");
  reader.advance(channel);
  reader.tell("refused", {});
  socket.resume();
  if (!response.closed) await once(response, "close");
  expect(errors).toEqual([]);
});

test("a silent stream has a heartbeat every 15 s; who takes nothing for 30 s is cut", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { socket, reader, response, text } = await openSlowReader();
  reader.tick(Date.now() + 14_000);
  reader.tick(Date.now() + 15_001);
  socket.resume();
  await expect.poll(text).toContain(": alive\n\n");
  expect(text().split(": alive")).toHaveLength(2);
  socket.pause();
  const channel = createChannel("overview", { read: async () => filler }, sequence);
  await channel.snapshot();
  reader.follow(channel, undefined, neverRefused);
  await new Promise(setImmediate);
  reader.tick(Date.now() + 29_000);
  expect(response.destroyed).toBe(false);
  reader.tick(Date.now() + 30_001);
  expect(response.destroyed).toBe(true);
});

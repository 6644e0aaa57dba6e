import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStream } from "./event-stream.ts";

const server = createServer();
beforeEach(async () => void (await once(server.listen(0, "127.0.0.1"), "listening")));
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
});

/** A reader who takes nothing until told to, and the server's side of its stream. */
async function openSlowReader() {
  const reader = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
  reader.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
  return { reader, response, stream: openStream(response) };
}

test("a slow reader gets the newest frame of a kind, not the ones in between", async () => {
  const { reader, stream } = await openSlowReader();
  stream.send("overview", "1", "x".repeat(8_000_000));
  for (let id = 2; id <= 50; id += 1) stream.send("overview", String(id), "y");
  let text = "";
  reader
    .on("data", (bytes) => {
      text = (text + bytes).slice(-1_000);
    })
    .resume();
  await expect.poll(() => text, { timeout: 5_000 }).toContain("id: 50\n");
  expect(text).not.toContain("id: 49\n");
});

test.each([1, 8_000_000])("nothing is written to a stream that has ended with %i bytes under way", async (size) => {
  const { reader, response, stream } = await openSlowReader();
  const errors: Error[] = [];
  response.on("error", (error) => errors.push(error));
  stream.send("overview", "1", "x".repeat(size));
  stream.send("overview", "2", "newer");
  stream.end();
  stream.send("overview", "3", "too late");
  reader.resume();
  await once(response, "close");
  expect(errors).toEqual([]);
});

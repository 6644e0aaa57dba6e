import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "#server/platform/test-database";
import { type RunningServer, startServer } from "./start-server.ts";

testDatabase();

let server: RunningServer;
beforeAll(async () => {
  const next = async (_: unknown, response: ServerResponse) => void response.writeHead(200).end("Hello.");
  server = await startServer({ port: 0, host: "127.0.0.1", next, headersTimeoutMs: 500 });
});
afterAll(() => server.stop());

/** All that comes back until the server ends the connection. */
async function answerTo(...pieces: string[]): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  for (const piece of pieces) socket.write(piece);
  return text(socket);
}

test("a connection that a browser opened ahead of need is closed without an answer, which would be taken for its first request's", async () => {
  expect(await answerTo()).toBe("");
});

test("who takes too long to ask is told so, and cut", async () => {
  expect(await answerTo("GET / HTTP/1.1\r\nhost: a\r\nx-slow: ")).toBe(
    "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n",
  );
});

test.each([
  ["no request at all", "garbage\r\n\r\n", "400 Bad Request"],
  [
    "a head that is too long",
    `GET / HTTP/1.1\r\nhost: a\r\nx-long: ${"x".repeat(20_000)}`,
    "431 Request Header Fields Too Large",
  ],
  [
    "two lengths of one body",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "400 Bad Request",
  ],
])("%s is refused", async (_, sent, status) => {
  expect(await answerTo(sent)).toBe(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
});

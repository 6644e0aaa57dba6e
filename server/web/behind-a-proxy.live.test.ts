import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "#server/platform/test-database";
import { type RunningServer, startServer } from "./start-server.ts";

testDatabase({ TRUST_PROXY: "1" });

let server: RunningServer;
beforeAll(async () => {
  /** Says whom it takes the caller for. */
  const next = async ({ headers }: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(200).end(headers["x-forwarded-for"]);
  server = await startServer({ port: 0, host: "127.0.0.1", next });
});
afterAll(() => server.stop());

const call = (forwarded: string) =>
  fetch(`http://127.0.0.1:${server.port}/api/v1/catalogue`, { headers: { "x-forwarded-for": forwarded } });

test("behind a proxy one caller's flood is not another's, and nobody escapes by writing addresses of his own", async () => {
  const flood = Array.from({ length: 1_200 }, (_, index) => call(`6.6.${index >> 8}.${index & 255}, 192.0.2.7`));
  const others = Array.from({ length: 100 }, () => call("192.0.2.8"));
  const statuses = async (calls: Promise<Response>[]) =>
    new Set((await Promise.all(calls)).map(({ status }) => status));
  expect(await statuses(flood)).toEqual(new Set([200, 429]));
  expect(await statuses(others)).toEqual(new Set([200]));
  expect(await (await call("192.0.2.8")).text()).toBe("192.0.2.8");
});

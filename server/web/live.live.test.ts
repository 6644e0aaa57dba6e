import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auth, makeSignInLink } from "#server/platform/auth";
import { env } from "#server/platform/env";
import { testDatabase } from "#server/platform/test-database";
import { type RunningServer, startServer } from "./start-server.ts";

testDatabase();

let server: RunningServer;
let stream: string;

beforeAll(async () => {
  const next = async (_: unknown, response: ServerResponse) => void response.writeHead(404).end();
  server = await startServer({ port: 0, host: "127.0.0.1", next });
  stream = `http://127.0.0.1:${server.port}/api/v1/orders/stream`;
});
afterAll(() => server.stop());

/** Signs somebody in by a link. @returns the cookie to send. */
async function signIn(email: string, role: string): Promise<string> {
  const token = new URL(await makeSignInLink(email, role)).searchParams.get("token")!;
  const answer = await auth().handler(
    new Request(`${env().PUBLIC_URL}/api/auth/magic-link/verify?token=${encodeURIComponent(token)}`),
  );
  return answer.headers.getSetCookie()[0]!.split(";")[0]!;
}

test("a viewer sees the whole overview at once", async () => {
  const answer = await fetch(stream, { headers: { cookie: await signIn("first@example.com", "viewer") } });
  expect(answer.status).toBe(200);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("event: overview")) text += (await reader.read()).value;
  await reader.cancel();
});

test("who leaves before the first frame takes no place from those who stay", async () => {
  const cookie = await signIn("hasty@example.com", "viewer");
  for (let index = 0; index < 40; index += 1) {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(`GET /api/v1/orders/stream HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n\r\n`, () => socket.destroy());
    await once(socket, "close");
  }
  const open = async () => {
    const answer = await fetch(stream, { headers: { cookie } });
    await answer.body?.cancel();
    return answer.status;
  };
  await expect.poll(open, { timeout: 5_000 }).toBe(200);
});

test("one viewer has 20 streams at most, also when all are opened at the same moment", async () => {
  const cookie = await signIn("greedy@example.com", "viewer");
  const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(stream, { headers: { cookie } })));
  const statuses = answers.map(({ status }) => status);
  for (const answer of answers) await answer.body?.cancel();
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});

test("a viewer whose sessions end is cut within 10 s", { timeout: 15_000 }, async () => {
  const cookie = await signIn("leaver@example.com", "viewer");
  const answer = await fetch(stream, { headers: { cookie } });
  const startedAt = Date.now();
  await auth().api.signOut({ headers: new Headers({ cookie }) });
  for await (const _ of answer.body!) {
    // The stream goes on until the server ends it.
  }
  expect(Date.now() - startedAt).toBeLessThan(10_000);
});

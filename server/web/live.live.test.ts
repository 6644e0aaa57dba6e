import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { CheckoutRequest } from "#contracts/api/checkout";
import type { OrderRow } from "#contracts/api/orders";
import { placeOrder } from "#server/orders/place-order";
import { projectOrders } from "#server/orders/project-orders";
import { auth } from "#server/platform/auth";
import { db, inTransaction } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { signInAs } from "#server/platform/test-sign-in";
import { customers } from "../../prisma/seed/customers.ts";
import { askForStream, type ReadFrame, readFrames } from "./live-test-stage.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import { toHeaders } from "./to-headers.ts";

testDatabase();

/** In place of Next: of its routes only signing out is needed here. */
const next = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = "GET" } = request;
  const body = method === "GET" ? null : "{}";
  const asked = new Request(`${env().PUBLIC_URL}${request.url}`, { method, headers: toHeaders(request), body });
  const answer = await auth().handler(asked);
  response.writeHead(answer.status).end(await answer.text());
};

const start = () => startServer({ port: 0, host: "127.0.0.1", next });
let server: RunningServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.stop());

/** Places an order and shows it as the projection would, which tells of it. @returns its id. */
async function showOrder(): Promise<string> {
  const body = CheckoutRequest.parse({
    customerId: customers[0]!.id,
    lines: [{ sku: "TEA-POT", quantity: 1 }],
    paymentMethod: "prepaid",
    card: "ok",
    shippingAddress: { name: "Ada", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE" },
  });
  const { reply } = await placeOrder(body, { caller: "test", idempotencyKey: randomUUID() });
  await tellOrder(reply.orderId, 1, "order.placed");
  return reply.orderId;
}

const tellOrder = (orderId: string, seq: number, type: string) =>
  inTransaction((tx) => projectOrders(tx, [{ orderId, seq, type, occurredAt: new Date().toISOString() }]));

const rowsOf = ({ data }: ReadFrame) => data as OrderRow[];
const tells = (orderId: string) => (frame: ReadFrame) =>
  frame.channel === "orders" && rowsOf(frame).some((row) => row.orderId === orderId);

test("a viewer gets each of his channels whole, at once, and the server's time before them", async () => {
  const stream = await readFrames(server.port, await signInAs("first@example.com"), "overview,orders,map,consumers");
  expect(await stream.next()).toMatchObject({ kind: "hello" });
  const first = new Set<string | null>();
  while (first.size < 4) {
    const { kind, channel } = await stream.until(({ kind }) => kind !== "same");
    if (!first.has(channel)) expect(kind).toBe("snapshot");
    first.add(channel);
  }
});

test("a stream that comes back gets what changed meanwhile and nothing else", async () => {
  const cookie = await signInAs("resumer@example.com");
  const before = await showOrder();
  const stream = await readFrames(server.port, cookie, "orders");
  const { id } = await stream.until(tells(before));
  stream.leave();
  const [first, second] = [await showOrder(), await showOrder()];
  await tellOrder(first, 2, "payment.captured");
  const again = await readFrames(server.port, cookie, "orders", id);
  const seen = new Map<string, OrderRow>();
  while (!(seen.get(first)?.status === "paid" && seen.has(second))) {
    const frame = await again.until(({ channel }) => channel === "orders");
    expect(frame.kind).toBe("delta");
    for (const row of rowsOf(frame)) seen.set(row.orderId, row);
  }
  expect([...seen.keys()].toSorted()).toEqual([first, second].toSorted());
});

test("an id of another server's life resumes nothing: a snapshot comes", async () => {
  const cookie = await signInAs("restarted@example.com");
  const stream = await readFrames(server.port, cookie, "orders", "0000000000.orders.7");
  expect((await stream.until(({ channel }) => channel === "orders")).kind).toBe("snapshot");
});

test("what was read anew and is as it was costs a few bytes", async () => {
  const orderId = await showOrder();
  const stream = await readFrames(server.port, await signInAs("patient@example.com"), `order:${orderId}`);
  await stream.until(({ kind }) => kind === "snapshot");
  expect(await stream.until(({ kind }) => kind !== "snapshot")).toMatchObject({ kind: "same", data: {} });
});

test("a channel that is not there is refused by its name, and the others go on", async () => {
  const cookie = await signInAs("curious@example.com");
  const missing = `order:${randomUUID()}`;
  const stream = await readFrames(server.port, cookie, `secrets,${missing},orders`);
  const refused = [
    await stream.until(({ kind }) => kind === "refused"),
    await stream.until(({ kind }) => kind === "refused"),
  ];
  expect(refused.map(({ data }) => data)).toEqual([
    expect.objectContaining({ channel: "secrets", status: 404 }),
    expect.objectContaining({ channel: missing, status: 404 }),
  ]);
  const orderId = await showOrder();
  await stream.until(tells(orderId));
});

test.each([
  ["", 400],
  ["secrets", 404],
  [Array.from({ length: 101 }, () => `order:${randomUUID()}`).join(), 400],
])("a stream of nothing that can be watched is no stream: %.20s", async (channels, status) => {
  const { answer } = await askForStream(server.port, await signInAs("vague@example.com"), channels);
  expect(answer.status).toBe(status);
});

test("who leaves before the first frame takes no place from those who stay", async () => {
  const cookie = await signInAs("hasty@example.com");
  for (let index = 0; index < 40; index += 1) {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    const head = `GET /api/v1/stream?channels=overview HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n\r\n`;
    socket.write(head, () => socket.destroy());
    await once(socket, "close");
  }
  const open = async () => {
    const { answer, leave } = await askForStream(server.port, cookie, "overview");
    leave();
    return answer.status;
  };
  await expect.poll(open, { timeout: 5_000 }).toBe(200);
});

test("one viewer has 20 streams at most, also when all are opened at the same moment", async () => {
  const cookie = await signInAs("greedy@example.com");
  const asked = await Promise.all(Array.from({ length: 30 }, () => askForStream(server.port, cookie, "orders")));
  const statuses = asked.map(({ answer }) => answer.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});

test("a viewer whose session ends elsewhere is told so and cut within 10 s", { timeout: 15_000 }, async () => {
  const cookie = await signInAs("leaver@example.com");
  const stream = await readFrames(server.port, cookie, "overview");
  const startedMs = performance.now();
  await auth().api.signOut({ headers: new Headers({ cookie }) });
  expect(await stream.until(({ kind }) => kind === "ended")).toMatchObject({ data: { reason: "session" } });
  expect(await stream.next()).toBeNull();
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

test("signing out ends the stream at once", async () => {
  const cookie = await signInAs("goer@example.com");
  const stream = await readFrames(server.port, cookie, "overview");
  const startedMs = performance.now();
  const headers = { cookie, origin: env().PUBLIC_URL, "content-type": "application/json" };
  const url = `http://127.0.0.1:${server.port}/api/auth/sign-out`;
  expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(200);
  await stream.until(({ kind }) => kind === "ended");
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test("an open stream does not keep an idle session alive", { timeout: 15_000 }, async () => {
  const cookie = await signInAs("sleeper@example.com");
  // Due for renewal since long, and soon at its end.
  await db.rows(sql`
    UPDATE "session" s SET "expiresAt" = ${new Date(Date.now() + 2_000)}
      FROM "user" u WHERE u.id = s."userId" AND u.email = 'sleeper@example.com'`);
  const stream = await readFrames(server.port, cookie, "overview");
  await stream.until(({ kind }) => kind === "ended");
});

test("a server that stops tells its viewers and is gone within 2 s, also with one who takes nothing", async () => {
  const stopping = await start();
  const cookie = await signInAs("stayer@example.com");
  const stream = await readFrames(stopping.port, cookie, "overview");
  await stream.until(({ kind }) => kind === "snapshot");
  const sleeper = connect(stopping.port, "127.0.0.1").pause();
  onTestFinished(() => void sleeper.destroy());
  sleeper.write(`GET /api/v1/stream?channels=overview,map HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n\r\n`);
  await stream.until(({ kind }) => kind === "snapshot");
  const startedMs = performance.now();
  await stopping.stop();
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  expect(await stream.until(({ kind }) => kind === "ended")).toMatchObject({ data: { reason: "shutdown" } });
  expect(await stream.next()).toBeNull();
});

import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CheckoutRequest } from "#contracts/api/checkout";
import { topics } from "#contracts/topology";
import { plantedGroupId, plantLetters } from "#server/dead-letters/test-letters";
import { toKafkaMessage } from "#server/messaging/kafka-message";
import { createKafkaReads } from "#server/messaging/kafka-reads";
import { provideKafkaReads } from "#server/messaging/kafka-reads-port";
import { kafkaStage } from "#server/messaging/kafka-test-stage";
import type { OutboxRow } from "#server/messaging/outbox";
import { placeOrder } from "#server/orders/place-order";
import { rebuildOrderViews } from "#server/orders/project-orders";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { signInAs } from "#server/platform/test-sign-in";
import { readFrames } from "#server/web/live-test-stage";
import { type RunningServer, startServer } from "#server/web/start-server";
import { customers } from "../prisma/seed/customers.ts";
import { describedRoutes } from "./describe-api.ts";

/*
 * D2: one customer's data are planted wherever the product may hold them; then every route that reads is asked as every
 * role, and the raw answers are searched.
 */

const stage = kafkaStage();
testDatabase({ TOPIC_PREFIX: stage.prefix });

const { id: customerId, email, name } = customers[0]!;
const shippingAddress = {
  name: "Zephyrine Quillfeather",
  line1: "17 Nightingale Passage",
  postalCode: "9876Z",
  city: "Zwickau",
  country: "DE",
};
/** No answer to a viewer may hold any of them, in whatever case. */
const secrets = [email, name, "Quillfeather", "Nightingale", "9876Z", "Zwickau"];
const found = (text: string) => secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));

const roles = ["viewer", "operator", "lead", "admin"] as const;
const cookies = new Map<string, string>();
let orderId: string;
let letterId: string;
let server: RunningServer;

beforeAll(async () => {
  for (const role of roles) cookies.set(role, await signInAs(`${role}@example.com`, role));
  const reads = createKafkaReads({ brokers: [`${stage.broker.host}:${stage.broker.port}`], clientId: "pages" });
  stage.closing.push(() => reads.close());
  provideKafkaReads(reads);
  await plantOrder();
  await plantTraces();
  const next = async (_: unknown, response: ServerResponse) => void response.writeHead(404).end();
  server = await startServer({ port: 0, host: "127.0.0.1", next });
});
afterAll(() => server.stop());

/** An order of the customer, in the database and on Kafka. */
async function plantOrder() {
  const body = CheckoutRequest.parse({
    ...{ customerId, lines: [{ sku: "TEA-POT", quantity: 1 }], paymentMethod: "prepaid", card: "ok", shippingAddress },
  });
  ({ orderId } = (await placeOrder(body, { caller: "test", idempotencyKey: randomUUID() })).reply);
  await rebuildOrderViews();
  const [row] = await db.rows<OutboxRow>(sql`
    SELECT id AS "rowId", event_id AS "eventId", topic, key, seq, type, version, source, correlation_id AS "correlationId",
           causation_id AS "causationId", occurred_at AS "occurredAt", data FROM outbox WHERE key = ${orderId}`);
  const kafka = stage.open();
  await kafka.ensureTopics([topics.orderEvents], { replication: 1 });
  const event = toKafkaMessage({ ...row!, occurredAt: new Date(row!.occurredAt).toISOString() });
  const stranger = { ...event, key: Buffer.from(email), value: Buffer.from(`"${name} lives at ${email}"`) };
  await kafka.send([event, { ...stranger, headers: [["x-customer", Buffer.from(name)]] }]);
}

/** What workers, operators and outside systems write down of a customer. */
async function plantTraces() {
  const said = `550 5.1.1 <${email}>: no mailbox of "${name}" here`;
  [letterId] = (await plantLetters(1, () => ({
    orderId,
    errorMessage: said,
    headers: [
      ["x-error-message", said, "utf8"],
      ["x-customer", name, "utf8"],
    ],
    body: Buffer.from(JSON.stringify({ to: email, name, shippingAddress })),
    key: Buffer.from(email),
  }))) as [string];
  const [event] = await db.rows<{ id: string }>(sql`SELECT event_id AS id FROM outbox WHERE key = ${orderId}`);
  await db.rows(sql`UPDATE dead_letter_groups SET note = ${said}, owner = ${email}`);
  await db.rows(sql`
    INSERT INTO reminders (consumer, message_id, due_at, attempts, last_error, topic, value, headers)
    VALUES ('charge-payment', ${event!.id}::uuid, now() + interval '1 hour', 1, ${said}, 'order.events', ''::bytea, '[]')`);
  await db.rows(sql`
    INSERT INTO findings (id, kind, order_id, subject, detail) VALUES (gen_random_uuid(), 'paid_not_shipped', ${orderId}::uuid, ${orderId}, ${said})`);
  await db.rows(sql`
    INSERT INTO mails (order_id, kind, message_id, recipient, subject) VALUES (${orderId}::uuid, 'order_received', 'x', ${email}, ${`To "${name}" <${email}>`})`);
  await db.rows(sql`
    INSERT INTO documents (order_id, kind, number, content) VALUES (${orderId}::uuid, 'invoice', 1, ${Buffer.from(`%PDF ${name} ${email}`)})`);
  await db.rows(sql`INSERT INTO worker_pauses (worker, reason, paused_by) VALUES ('send-email', ${said}, ${email})`);
  await db.rows(sql`
    INSERT INTO alert_channels (id, kind, address, created_by) VALUES (gen_random_uuid(), 'email', ${email}, ${email})`);
  await db.rows(sql`
    INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject, reason, before, after)
    VALUES (gen_random_uuid(), 'lead@example.com', 'lead', 'x', 'intent', 'x:1', ${said}, ${JSON.stringify({ email })}::jsonb, '{}')`);
}

const things: Record<string, () => string> = {
  orders: () => orderId,
  "dead-letters": () => letterId,
  "dead-letter-groups": () => plantedGroupId("smtp"),
  topics: () => `${stage.prefix}order.events`,
  "consumer-groups": () => "charge-payment",
};

const routes = await describedRoutes();
const reading = routes.filter(({ method }) => method === "GET");
const params = (path: string) => {
  const [, collection = ""] = /^\/api\/v1\/([\w-]+)/.exec(path) ?? [];
  const id = things[collection]?.() ?? randomUUID();
  return { id, name: id, kind: "invoice" };
};

async function read({ path, handler }: (typeof reading)[number], role: string, query = "") {
  const request = new Request(`${env().PUBLIC_URL}${path}?${query}`, { headers: { cookie: cookies.get(role)! } });
  const answer = await handler(request, { params: Promise.resolve(params(path)) });
  return { status: answer.status, text: await answer.text() };
}

/** What an operator must find where: a mask over everything would pass the viewer's test as well. */
const shownToOperators: Record<string, string[]> = {
  "/api/v1/orders": [name],
  "/api/v1/overview": [name],
  "/api/v1/orders/{id}": [name, email, "Quillfeather", "Nightingale", "9876Z", "Zwickau"],
  "/api/v1/orders/{id}/as-of": ["Quillfeather", "Nightingale", "9876Z", "Zwickau"],
  "/api/v1/orders/{id}/story": [email],
  "/api/v1/orders/{id}/documents/{kind}": [name, email],
  "/api/v1/dead-letters": [name, email],
  "/api/v1/dead-letters/export": [name, email],
  "/api/v1/dead-letters/{id}": [name, email, "Quillfeather", "Nightingale"],
  "/api/v1/dead-letters/{id}/body": [name, email, "Quillfeather"],
  "/api/v1/dead-letter-groups": [email],
  "/api/v1/dead-letter-groups/{id}": [email],
  "/api/v1/topics/{name}/records": [name, email, "Quillfeather", "Nightingale"],
  "/api/v1/findings": [email],
  "/api/v1/queues": [email],
  "/api/v1/alerts": [email],
  "/api/v1/audit": [email],
  "/api/v1/catalogue": [name],
};

test.each(reading.map((route) => [route.path, route] as const))(
  "D2: GET %s shows a viewer nothing of a customer, and an operator all there is",
  async (path, route) => {
    const viewer = await read(route, "viewer");
    // 503: the sandbox is not there.
    expect([200, 400, 403, 404, 503]).toContain(viewer.status);
    expect(found(viewer.text)).toEqual([]);
    const expected = shownToOperators[path];
    if (!expected) return;
    for (const role of ["operator", "lead", "admin"]) {
      const { status, text } = await read(route, role);
      expect(status).toBe(200);
      expect(
        expected.filter((secret) => !text.includes(secret)),
        role,
      ).toEqual([]);
    }
    if (route.described.permission !== "personal-data:read" && viewer.status !== 403) expect(viewer.status).toBe(200);
  },
);

test("D2: an export of chosen letters is masked as well", async () => {
  const [{ handler }] = routes.filter(({ path }) => path === "/api/v1/dead-letter-exports") as [
    (typeof routes)[number],
  ];
  const ask = async (role: string, selection: object) => {
    const body = JSON.stringify({ selection, format: "json" });
    const headers = { cookie: cookies.get(role)!, origin: env().PUBLIC_URL, "content-type": "application/json" };
    const answer = await handler(new Request(`${env().PUBLIC_URL}/x`, { method: "POST", headers, body }), {
      params: Promise.resolve({}),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const masked = await ask("viewer", { letterIds: [letterId] });
  expect([masked.status, found(masked.text), masked.text.includes(letterId)]).toEqual([200, [], true]);
  expect(found((await ask("operator", { letterIds: [letterId] })).text)).toEqual([email, name]);
  expect((await ask("viewer", { filter: { search: email } })).status).toBe(403);
});

test("D2: an export in JSON is masked as well", async () => {
  const exporting = reading.find(({ path }) => path === "/api/v1/dead-letters/export")!;
  for (const format of ["csv", "json"]) {
    const { status, text } = await read(exporting, "viewer", `format=${format}`);
    expect([status, found(text), text.includes(letterId)]).toEqual([200, [], true]);
  }
});

test.each([
  ["/api/v1/orders", `search=${encodeURIComponent(name.slice(0, 3))}`],
  ["/api/v1/orders", `search=${encodeURIComponent(email)}`],
  ["/api/v1/dead-letters", `search=${encodeURIComponent(email)}`],
  ["/api/v1/dead-letters", `search=x-customer%3D${encodeURIComponent(name)}`],
  ["/api/v1/dead-letters/pages", `search=${encodeURIComponent(email)}`],
  ["/api/v1/dead-letters/export", `search=${encodeURIComponent(email)}`],
  ["/api/v1/topics/{name}/records", `text=${encodeURIComponent(email)}`],
  ["/api/v1/topics/{name}/records", `path=data.shippingAddress.city%3DZwickau`],
  ["/api/v1/topics/{name}/records", `header=x-customer%3D${encodeURIComponent(name)}`],
  ["/api/v1/topics/{name}/records", `key=${encodeURIComponent(email)}`],
])("D2: a viewer may not find by what is masked: GET %s?%s", async (path, query) => {
  const route = reading.find((one) => one.path === path)!;
  const { status, text } = await read(route, "viewer", query);
  expect([status, JSON.parse(text).code]).toEqual([403, "search_not_allowed"]);
  expect((await read(route, "operator", query)).status).toBe(200);
});

const all = "overview,orders,consumers,queues,map,letters,letter-news";

test("D2: the live stream's frames are masked for a viewer and whole for an operator, side by side", async () => {
  const channels = `${all},order:${orderId}`;
  const streams = {
    viewer: await readFrames(server.port, cookies.get("viewer")!, channels),
    operator: await readFrames(server.port, cookies.get("operator")!, channels),
  };
  const heard = { viewer: "", operator: "" };
  for (const role of ["viewer", "operator"] as const) {
    const missing = new Set(channels.split(","));
    while (missing.size > 0) {
      const frame = await streams[role].next();
      heard[role] += JSON.stringify(frame);
      missing.delete(frame?.channel ?? "");
    }
  }
  await rebuildOrderViews();
  for (const role of ["viewer", "operator"] as const) {
    const delta = await streams[role].until(({ kind, channel }) => kind === "delta" && channel === "orders");
    expect(JSON.stringify(delta)).toContain(orderId);
    heard[role] += JSON.stringify(delta);
  }
  expect(found(heard.viewer)).toEqual([]);
  expect(found(heard.operator)).toEqual(expect.arrayContaining(secrets));
});

test("D2: somebody whose role was cut sees masked frames within 10 s, on the stream that is open; resuming brings none back", async () => {
  const cookie = await signInAs("cut@example.com", "operator");
  const channels = `orders,order:${orderId}`;
  const { until } = await readFrames(server.port, cookie, channels);
  const whole = await until(({ data }) => found(JSON.stringify(data)).length > 0);
  await db.rows(sql`UPDATE "user" SET role = 'viewer' WHERE email = 'cut@example.com'`);
  const startedMs = Date.now();
  for (const missing = new Set(channels.split(",")); missing.size > 0; ) {
    const masked = await until(
      ({ kind, channel, data }) =>
        kind === "snapshot" && missing.has(channel ?? "") && found(JSON.stringify(data)).length === 0,
    );
    missing.delete(masked.channel ?? "");
  }
  expect(Date.now() - startedMs).toBeLessThan(10_000);
  const again = await readFrames(server.port, cookie, channels, whole.id);
  await again.next();
  expect(found(JSON.stringify([await again.next(), await again.next()]))).toEqual([]);
});

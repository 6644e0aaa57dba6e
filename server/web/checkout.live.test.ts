import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { orderPlaced } from "#contracts/messages/orders";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { customers } from "../../prisma/seed/customers.ts";
import { type RunningServer, startServer } from "./start-server.ts";

testDatabase();

const KEY = "checkout-key-of-the-tests-0001";
let server: RunningServer;
let url: string;

beforeAll(async () => {
  const next = async (_: unknown, response: import("node:http").ServerResponse) => void response.writeHead(404).end();
  server = await startServer({ port: 0, host: "127.0.0.1", next });
  url = `http://127.0.0.1:${server.port}/api/v1/orders`;
});
afterAll(() => server.stop());

const order = {
  customerId: customers[0]!.id,
  lines: [{ sku: "TEA-POT", quantity: 2 }],
  paymentMethod: "prepaid",
  card: "ok",
  shippingAddress: { name: "Ada", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE" },
};

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${KEY}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const countOrders = async () =>
  (await db.rows<{ orders: number }>(sql`SELECT count(*) AS orders FROM orders`))[0]!.orders;

describe("checkout", () => {
  test("answers 201 when the order, its lines and its first event are durable", async () => {
    const answer = await post(order);
    expect(answer.status).toBe(201);
    const { orderId, status } = await answer.json();
    expect(status).toBe("pending");
    const [stored] = await db.rows<{ total_cents: number; currency: string }>(
      sql`SELECT total_cents, currency FROM orders WHERE id = ${orderId}::uuid`,
    );
    expect(stored).toEqual({ total_cents: 6900, currency: "EUR" });
    const [event] = await db.rows<{ data: unknown; seq: number }>(
      sql`SELECT data, seq FROM outbox WHERE key = ${orderId}`,
    );
    expect(event?.seq).toBe(1);
    expect(orderPlaced.body.parse(event?.data)).toMatchObject({
      order: { totalCents: 6900, category: "kitchen", country: "DE" },
    });
  });

  test("50 parallel requests with one key and body are one order and one answer", async () => {
    const key = randomUUID();
    const before = await countOrders();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(order, { "idempotency-key": key })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(await Promise.all(answers.map(async (answer) => (await answer.json()).orderId))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") !== "true")).toHaveLength(1);
    expect(await countOrders()).toBe(before + 1);
  });

  test("another body under a known key is refused", async () => {
    const key = randomUUID();
    await post(order, { "idempotency-key": key });
    const answer = await post({ ...order, express: true }, { "idempotency-key": key });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "idempotency_key_reused" });
  });

  test("no field of the client's changes the price", async () => {
    const field = fc.constantFrom(
      "price",
      "priceCents",
      "unitPriceCents",
      "total",
      "totalCents",
      "currency",
      "amount",
      "discount",
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(field, fc.oneof(fc.integer(), fc.string()), { maxKeys: 4 }), async (extra) => {
        const answer = await post({ ...order, ...extra, lines: [{ ...order.lines[0], ...extra }] });
        const { orderId } = await answer.json();
        expect(await db.rows(sql`SELECT total_cents, currency FROM orders WHERE id = ${orderId}::uuid`)).toEqual([
          { total_cents: 6900, currency: "EUR" },
        ]);
      }),
      { numRuns: 25 },
    );
  });

  const line = (quantity: unknown, sku: unknown = "TEA-POT") => ({ ...order, lines: [{ sku, quantity }] });
  test.each<[string, unknown, number, string]>([
    ["malformed JSON", '{"customerId": ', 400, "json_malformed"],
    ["bytes that are not UTF-8", "\u{fffd}\ud800", 400, "json_malformed"],
    ["an array", [], 422, "body_not_valid"],
    ["null", "null", 422, "body_not_valid"],
    ["an unknown SKU", line(1, "NO-SUCH"), 422, "order_not_valid"],
    ["quantity 0", line(0), 422, "body_not_valid"],
    ["a negative quantity", line(-1), 422, "body_not_valid"],
    ["quantity 1e9", line(1e9), 422, "body_not_valid"],
    ["half a piece", line(0.5), 422, "body_not_valid"],
    ["a quantity in words", line("1"), 422, "body_not_valid"],
    ["no lines", { ...order, lines: [] }, 422, "body_not_valid"],
    ["101 lines", { ...order, lines: Array.from({ length: 101 }, () => order.lines[0]) }, 422, "body_not_valid"],
    ["10,000 lines", { ...order, lines: Array.from({ length: 10_000 }, () => order.lines[0]) }, 413, "body_too_large"],
    ["an unknown customer", { ...order, customerId: randomUUID() }, 422, "order_not_valid"],
    ["a customer id that is none", { ...order, customerId: "1 OR 1=1" }, 422, "body_not_valid"],
    ["a body over 256 kB", { ...order, note: "x".repeat(300_000) }, 413, "body_too_large"],
    ["__proto__", `{"__proto__": {"isAdmin": true}, ${JSON.stringify(order).slice(1)}`, 400, "key_not_allowed"],
    ["constructor", { ...order, constructor: { prototype: {} } }, 400, "key_not_allowed"],
    ["depth 100,000", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, 400, "json_too_deep"],
    ["NUL in a SKU", line(1, "TEA\0POT"), 400, "text_not_valid"],
    [
      "NUL in an address",
      { ...order, shippingAddress: { ...order.shippingAddress, city: "Ber\0lin" } },
      400,
      "text_not_valid",
    ],
    [
      "half a character in an address",
      { ...order, shippingAddress: { ...order.shippingAddress, city: "\ud83d" } },
      400,
      "text_not_valid",
    ],
    ["a payment method of its own", { ...order, paymentMethod: "free" }, 422, "body_not_valid"],
    ["a token that is none", { ...order, paymentToken: "pm_x' OR '1" }, 422, "body_not_valid"],
    [
      "a country that is none",
      { ...order, shippingAddress: { ...order.shippingAddress, country: "Germany" } },
      422,
      "body_not_valid",
    ],
  ])("refuses %s and stores nothing", async (_, body, status, code) => {
    const before = await countOrders();
    const answer = await post(body);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect({ status: answer.status, code: (await answer.json()).code }).toEqual({ status, code });
    expect(await countOrders()).toBe(before);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
  ])("refuses a body of type %s", async (type) => {
    expect((await post(order, { "content-type": type })).status).toBe(415);
  });

  test("demands an idempotency key, and a key that is one", async () => {
    expect((await post(order, { "idempotency-key": "" })).status).toBe(400);
    expect((await post(order, { "idempotency-key": "x".repeat(201) })).status).toBe(400);
  });

  test.each([undefined, "Bearer wrong", "Basic abc", `bearer ${KEY}`, `Bearer ${KEY}x`])(
    "lets nobody in with %s",
    async (authorization) => {
      const answer = await post(order, authorization === undefined ? { authorization: "" } : { authorization });
      expect(answer.status).toBe(401);
    },
  );

  test("an answer never shows a stack, a statement or a host", async () => {
    for (const body of ["{", line(1, "'; DROP TABLE orders; --"), { ...order, customerId: 7 }]) {
      const text = await (await post(body)).text();
      expect(text).not.toMatch(/at .*\.ts|SELECT|INSERT|127\.0\.0\.1|node_modules/);
    }
  });
});

describe("the door", () => {
  const raw = (lines: string, done: RegExp, timeoutMs = 5_000) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.write(lines));
      let text = "";
      const timer = setTimeout(() => reject(new Error(`no answer, only: ${text}`)), timeoutMs);
      const end = () => {
        clearTimeout(timer);
        socket.destroy();
        resolve(text);
      };
      socket.on("data", (bytes) => {
        text += bytes;
        if (done.test(text)) end();
      });
      socket.on("close", end);
      socket.on("error", end);
    });

  test("cuts a flood of headers", async () => {
    const flood = Array.from({ length: 2_000 }, (_, index) => `x-${index}: ${"y".repeat(20)}`).join("\r\n");
    expect(await raw(`GET /livez HTTP/1.1\r\nhost: x\r\n${flood}\r\n\r\n`, /\r\n\r\n/)).toContain("431");
  });

  test("speaks no other protocol", async () => {
    const upgrade = "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    expect(await raw(upgrade, /HTTP/)).toBe("");
  });

  test("lets no body of unknown or great length through to Next", async () => {
    const head = "POST /api/auth/sign-in/magic-link HTTP/1.1\r\nhost: x\r\n";
    expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n`, /\r\n\r\n/)).toContain("411");
    expect(await raw(`${head}content-length: 262145\r\n\r\n`, /\r\n\r\n/)).toContain("413");
  });

  test("is nobody's proxy", async () => {
    expect(await raw("GET http://169.254.169.254/ HTTP/1.1\r\nhost: x\r\n\r\n", /\r\n\r\n/)).toContain("400");
    expect(await raw("GET //169.254.169.254/ HTTP/1.1\r\nhost: x\r\n\r\n", /\r\n\r\n/)).toContain("400");
  });

  test("has no image optimiser", async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/_next/image?url=http://169.254.169.254/&w=64&q=1`);
    expect(answer.status).toBe(404);
  });

  test("hangs up on somebody who dribbles headers", { timeout: 30_000 }, async () => {
    const startedAt = Date.now();
    await raw("GET /livez HTTP/1.1\r\nhost: x\r\n", /never/, 25_000);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });

  test("answers checkout while 200 others hold idle connections", async () => {
    const idlers = Array.from({ length: 200 }, () => connect(server.port, "127.0.0.1"));
    const startedAt = performance.now();
    expect((await post(order)).status).toBe(201);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    for (const idler of idlers) idler.destroy();
  });

  test("holds a flood from one address to a rate, while the storefront goes on", async () => {
    const flood = await Promise.all(
      Array.from({ length: 1_500 }, () => fetch(url, { method: "POST" }).then(({ status }) => status)),
    );
    expect(flood).toContain(429);
    expect((await post(order)).status).toBe(201);
  });

  test("refuses a chunked body as soon as it is too long", async () => {
    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest(
        url,
        {
          method: "POST",
          headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", "idempotency-key": "chunked" },
        },
        (answer) => resolve(answer.statusCode),
      );
      sending.on("error", reject);
      for (let sent = 0; sent < 300_000; sent += 10_000) sending.write("x".repeat(10_000));
      sending.end();
    });
    expect(status).toBe(413);
  });
});

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureHeaders, failureOf, originHeaders } from "#server/messaging/failure";
import { asHeaders } from "#server/messaging/kafka-message";
import { type DeadRecord, readKafkaDeath, readRabbitDeath } from "./read-letter.ts";

const now = new Date("2026-11-21T10:00:00.000Z");
const order = "7f1f9f5e-2f60-4b5e-9d0a-0a6b1f6f3a11";
const id = "0197b1c0-0000-7000-8000-000000000001";
const envelope = { id, type: "order.placed", version: 2, orderId: order, seq: 3, data: {} };
const error = Object.assign(new Error("card 4242 declined"), { name: "PaymentRefused" });
const failed = failureHeaders({
  ...failureOf(error, { worker: "charge-payment", attempts: 3 }),
  firstFailedAt: "2026-11-21T09:00:00.000Z",
  failedAt: "2026-11-21T09:30:00.000Z",
});

const record = (part: Partial<DeadRecord> = {}): DeadRecord => ({
  key: Buffer.from(order),
  value: Buffer.from(JSON.stringify(envelope)),
  headers: asHeaders({ ...failed, ...originHeaders({ topic: "order.events", partition: 4, offset: "17" }) }),
  offset: "5",
  timestampMs: now.getTime() - 1_000,
  position: { topic: "order.events.dlt", partition: 1, offset: "5" },
  ...part,
});
const kafka = (part: Partial<DeadRecord> = {}) => readKafkaDeath(record(part), now);

type Delivery = Parameters<typeof readRabbitDeath>[0];
const consumers = new Map([["email", "send-email"]]);
const rabbit = ({ value = Buffer.from("{}"), ...part }: Partial<Delivery> & { value?: Buffer } = {}) =>
  readRabbitDeath(
    {
      queue: "email.dlq",
      messageId: null,
      raw: { key: null, value, headers: [] },
      table: {},
      properties: {},
      isRedelivered: false,
      ...part,
    },
    consumers,
    now,
  );
const xDeath = (reason: string, queue = "email") => ({
  "x-death": [
    {
      queue,
      reason,
      exchange: "",
      "routing-keys": [queue],
      count: 1,
      time: { "!": "timestamp", value: 1_795_255_200 },
    },
    { queue: "confirmation.delay", reason: "expired", exchange: "", "routing-keys": ["confirmation.delay"] },
  ],
  "x-first-death-queue": "confirmation.delay",
  "x-first-death-reason": "expired",
});

describe("a dead letter of Kafka", () => {
  it("says who gave up on what, why, where and when", () => {
    expect(kafka()).toMatchObject({
      identity: `charge-payment/${id}`,
      consumer: "charge-payment",
      source: "order.events",
      origin: { topic: "order.events", partition: 4, offset: "17" },
      position: { topic: "order.events.dlt", partition: 1, offset: "5" },
      messageId: id,
      messageType: "order.placed",
      messageVersion: 2,
      orderId: order,
      seq: 3,
      errorClass: "PaymentRefused",
      errorMessage: "card 4242 declined",
      attempts: 3,
      firstFailedAt: new Date("2026-11-21T09:00:00.000Z"),
      failedAt: new Date("2026-11-21T09:30:00.000Z"),
      group: { errorShape: "card <value> declined", messageType: "order.placed" },
    });
  });

  it("keeps every header in order, with duplicates and with bytes that are no text", () => {
    const headers = [
      ["b", Buffer.from("1")],
      ["a", Buffer.from([0xff, 0x00])],
      ["a", Buffer.from("nul\0")],
      ["a", Buffer.from("é")],
    ] as const;
    expect(kafka({ headers }).headers).toEqual([
      ["b", "1", "utf8"],
      ["a", "/wA=", "base64"],
      ["a", "bnVsAA==", "base64"],
      ["a", "é", "utf8"],
    ]);
  });

  it("that is a tombstone without a key is kept by its place", () => {
    const tombstones = ["17", "18"].map((offset) =>
      kafka({
        key: null,
        value: null,
        headers: asHeaders(originHeaders({ topic: "order.events", partition: 4, offset })),
      }),
    );
    expect(tombstones[0]).toMatchObject({ key: null, body: null, messageId: null, errorClass: "Unknown" });
    expect(new Set(tombstones.map(({ identity }) => identity)).size).toBe(2);
  });

  it("takes ids from headers and key where the body can't be read", () => {
    const headers = asHeaders({ "event-id": id.toUpperCase(), "event-type": "order.placed" });
    expect(kafka({ value: Buffer.from("{"), headers })).toMatchObject({
      messageId: id,
      messageType: "order.placed",
      orderId: order,
      source: "order.events",
    });
  });

  it("is the same death however often it is read, and another one when anything differs", () => {
    const digest = (part: Partial<DeadRecord> = {}) => kafka(part).digest.toString("hex");
    expect(digest()).toBe(digest({ offset: "99" }));
    const others = [
      digest({ key: null }),
      digest({ key: Buffer.alloc(0) }),
      digest({ value: null }),
      digest({ value: Buffer.alloc(0) }),
      digest({ headers: [] }),
      digest({ headers: [...record().headers].reverse() }),
    ];
    expect(new Set([digest(), ...others]).size).toBe(7);
  });
});

describe("a dead letter of RabbitMQ", () => {
  it("is told by the worker's marks where a worker gave up", () => {
    const table = { ...failed, ...originHeaders({ exchange: "x", routingKey: "k", queue: "email" }) };
    expect(rabbit({ table, messageId: id })).toMatchObject({
      identity: `charge-payment/${id}`,
      source: "email",
      origin: { exchange: "x", routingKey: "k", queue: "email" },
      errorClass: "PaymentRefused",
      attempts: 3,
    });
  });

  it.each([
    ["expired", "Expired"],
    ["rejected", "Rejected"],
    ["maxlen", "MaxLength"],
    ["delivery_limit", "DeliveryLimit"],
  ])("that the broker moved because it was %s is called %s, in a sentence", (reason, errorClass) => {
    const letter = rabbit({ table: xDeath(reason), messageId: id });
    expect(letter).toMatchObject({
      errorClass,
      identity: `send-email/${id}`,
      consumer: "send-email",
      origin: { exchange: "", routingKey: "email", queue: "email" },
      failedAt: new Date(1_795_255_200_000),
    });
    expect(letter.errorMessage).toMatch(/^[A-Z].* queue email .*\.$|^Queue email was full\.$/i);
  });

  it("that expired after it had failed before died of expiring", () => {
    const table = {
      ...failed,
      ...originHeaders({ exchange: "", routingKey: "email", queue: "email" }),
      ...xDeath("expired"),
    };
    expect(rabbit({ table })).toMatchObject({ errorClass: "Expired", errorStack: "", attempts: 3 });
  });

  it("that somebody put straight among the dead belongs to the family's queue and worker", () => {
    expect(rabbit()).toMatchObject({
      source: "email",
      consumer: "send-email",
      origin: { exchange: "", routingKey: "email", queue: "email" },
      errorClass: "Unknown",
      failedAt: now,
      unnamed: "first",
    });
    expect(rabbit({ isRedelivered: true }).unnamed).toBe("again");
    expect(rabbit({ messageId: "not-a-uuid" }).unnamed).toBeNull();
  });

  it("keeps the types of its headers", () => {
    const table = { n: 5, list: [1, "a"], bytes: Buffer.from([1]), text: "t", nul: "a\0b", none: null };
    expect(rabbit({ table }).headers).toEqual([
      ["n", "5", "json"],
      ["list", '[1,"a"]', "json"],
      ["bytes", "AQ==", "base64"],
      ["text", "t", "utf8"],
      ["nul", '"a\\u0000b"', "json"],
      ["none", "null", "json"],
    ]);
  });

  it("is the same death when a quorum queue has counted one more delivery", () => {
    const digests = [{}, { "x-delivery-count": 3, "x-acquired-count": 4 }].map((table) => rabbit({ table }).digest);
    expect(digests[0]).toEqual(digests[1]);
  });

  it("names the endpoint it was for", () => {
    const endpointId = randomUUID();
    const value = Buffer.from(JSON.stringify({ ...envelope, data: { endpointId } }));
    expect(rabbit({ value })).toMatchObject({ endpointId, orderId: order, messageId: id });
  });

  it("knows which replay ended in it", () => {
    const replayId = randomUUID();
    expect(rabbit({ table: { "x-replay-id": replayId } }).replayId).toBe(replayId);
    expect(rabbit({ table: { "x-replay-id": "1; DROP TABLE" } }).replayId).toBeNull();
  });
});

describe("what anybody may send", () => {
  it("is read at once when it is nested 100,000 deep", () => {
    const deep = Buffer.from(`{"id":"${id}","data":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(kafka({ value: deep })).toMatchObject({ messageId: id });
    expect(rabbit({ value: deep }).body).toBe(deep);
  });

  it("is not parsed above 1 MiB and keeps its headers' id", () => {
    const value = Buffer.from(JSON.stringify({ ...envelope, pad: "x".repeat(1_048_576) }));
    expect(kafka({ value, headers: asHeaders({ "event-id": order }) })).toMatchObject({ messageId: order });
  });

  it("gives texts that PostgreSQL takes and headers of 8 KiB at most", () => {
    const text = fc.string({ unit: "binary", maxLength: 200 });
    const anything = fc.record({
      value: fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.json().map((json) => Buffer.from(json)),
        fc
          .record({ id: fc.anything(), type: text, version: fc.anything(), seq: fc.anything(), data: fc.anything() })
          .map((body) => Buffer.from(safeJson(body))),
      ),
      headers: fc.array(
        fc.tuple(
          fc.oneof(
            text,
            fc.constantFrom("x-error-message", "x-failed-at", "x-attempts", "x-worker", "x-original-topic"),
          ),
          fc.oneof(
            text.map((value) => Buffer.from(value)),
            fc.uint8Array().map((bytes) => Buffer.from(bytes)),
          ),
        ),
      ),
    });
    fc.assert(
      fc.property(anything, ({ value, headers }) => {
        const fromKafka = kafka({ value, headers });
        const fromRabbit = rabbit({ value, table: Object.fromEntries(headers.map(([n, v]) => [n, v.toString()])) });
        for (const { body: _, key: __, digest: ___, ...columns } of [fromKafka, fromRabbit]) {
          const stored = JSON.stringify(columns);
          expect(stored).not.toMatch(/[^\\]\\u0000|[^\\]\\ud[89a-f]/u);
          expect(columns.headerText.length).toBeLessThanOrEqual(8_192);
          expect(Number.isNaN(columns.failedAt.getTime())).toBe(false);
          expect(columns.firstFailedAt.getTime()).toBeLessThanOrEqual(columns.failedAt.getTime());
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is not believed when it says that it dies in a thousand years", () => {
    const headers = asHeaders({ "x-error-class": "E", "x-failed-at": "3026-01-01T00:00:00Z" });
    expect(kafka({ headers }).failedAt).toEqual(new Date(now.getTime() - 1_000));
  });
});

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part)) ?? "null";
  } catch {
    return "null";
  }
}

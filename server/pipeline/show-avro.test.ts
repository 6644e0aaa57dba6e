import avro from "avsc";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox } from "#sandbox/start-sandbox";
import type { ReadRecord } from "#server/messaging/kafka-browse";
import { createSchemaRegistry } from "#server/messaging/schema-registry";
import { matches, showRecord } from "./show-record.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
const url = `${sandbox.url}/registry`;
afterAll(() => sandbox.close());
beforeEach(() => fetch(`${sandbox.url}/control/reset`, { method: "POST" }));

const orderId = "6f1b2c3d-0000-4000-8000-000000000001";
const money = {
  type: "record",
  name: "shop.Money",
  fields: [
    { name: "amount", type: { type: "bytes", logicalType: "decimal", precision: 12, scale: 2 } },
    { name: "currency", type: "string" },
  ],
};
const placed = {
  type: "record",
  name: "shop.OrderPlaced",
  fields: [
    { name: "orderId", type: "string" },
    { name: "total", type: "shop.Money" },
    { name: "note", type: ["null", "string"] },
  ],
};

/** Registers a schema as a producer does. @returns its id. */
async function register(subject: string, body: object): Promise<number> {
  const answer = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: "POST",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: number }).id;
}
const head = (id: number) => Buffer.from([0, id >> 24, id >> 16, id >> 8, id]);
const record = (value: Buffer): ReadRecord => ({
  ...{ partition: 0, offset: 1n, atMs: 1_700_000_000_000, key: null, headers: [] },
  value,
});

const registry: Record<string, avro.Type> = {};
avro.Type.forSchema(money as never, { registry });
const writer = avro.Type.forSchema(placed as never, { registry });
const written = writer.toBuffer({
  orderId,
  total: { amount: Buffer.from([0x04, 0xec]), currency: "EUR" },
  note: "Zoë",
});

/** A schema that refers to another one. */
async function registerPlaced(): Promise<number> {
  await register("money", { schema: JSON.stringify(money) });
  const references = [{ name: "shop.Money", subject: "money", version: 1 }];
  return register("order-placed-value", { schema: JSON.stringify(placed), references });
}

test("an Avro value is shown as the JSON that it stands for, with its schema's name, and leads to its order", async () => {
  const id = await registerPlaced();
  const one = record(Buffer.concat([head(id), written]));
  const schemas = await createSchemaRegistry(url).answersFor([id]);
  expect(showRecord(one, schemas)).toMatchObject({
    decodedAs: "avro",
    error: null,
    schema: { id, name: "shop.OrderPlaced" },
    orderId,
    value: JSON.stringify({ orderId, total: { amount: "12.60", currency: "EUR" }, note: "Zoë" }),
  });
});

test("it is found by text and by JSON path, as JSON is", async () => {
  const id = await registerPlaced();
  const one = record(Buffer.concat([head(id), written]));
  const schemas = await createSchemaRegistry(url).answersFor([id]);
  const finds = (filter: Parameters<typeof matches>[1]) => matches(one, filter, schemas);
  expect(finds({ text: "zoë", path: "total.amount=12.60" })).toBe(true);
  expect(finds({ path: "total.currency" })).toBe(true);
  for (const filter of [{ text: "Zoe" }, { path: "total.currency=USD" }]) expect(finds(filter)).toBe(false);
});

test("a key in Avro reads, and is found, as what it stands for", async () => {
  const id = await register("orders-key", { schema: '"string"' });
  const key = Buffer.concat([head(id), avro.Type.forSchema("string").toBuffer(orderId)]);
  const one = { ...record(Buffer.from("{}")), key };
  const schemas = await createSchemaRegistry(url).answersFor([id]);
  expect(showRecord(one, schemas)).toMatchObject({ key: orderId, orderId });
  expect(matches(one, { key: orderId }, schemas)).toBe(true);
  expect(matches(one, { key: orderId })).toBe(false);
});

describe("what can't be decoded is shown as bytes, with the reason", () => {
  const shownWith = async (id: number, body: Buffer, answers = createSchemaRegistry(url)) => {
    const one = record(Buffer.concat([head(id), body]));
    const schemas = await answers.answersFor([id]);
    expect(matches(one, { text: "EUR" }, schemas)).toBe(false);
    const shown = showRecord(one, schemas);
    expect(shown).toMatchObject({ decodedAs: "binary", schema: { id } });
    expect(Buffer.from(shown.value!, "base64")).toEqual(one.value);
    return shown.error;
  };

  test("an id that the registry does not know", async () => {
    expect(await shownWith(4_711, written)).toMatch(/^Avro schema 4711: the registry does not know it/);
  });

  test("a value that is not what its schema says", async () => {
    const id = await registerPlaced();
    expect(await shownWith(id, written.subarray(0, -2))).toMatch(/^Avro schema \d+, shop.OrderPlaced: note: /);
  });

  test("a schema of another kind", async () => {
    const id = await register("proto", { schema: 'syntax = "proto3";', schemaType: "PROTOBUF" });
    expect(await shownWith(id, written)).toMatch(/it is PROTOBUF, and only Avro is read here/);
  });

  test("a schema that is none", async () => {
    const id = await register("broken", { schema: '{"type":"recorrd"}' });
    expect(await shownWith(id, written)).toMatch(/^Avro schema \d+: .*recorrd/);
  });

  test("a registry that is away, and nobody waits for it again and again", async () => {
    const away = createSchemaRegistry("http://127.0.0.1:9/");
    expect(await shownWith(1, written, away)).toMatch(/the registry does not answer/);
    const startedMs = performance.now();
    await away.answersFor(Array.from({ length: 1_000 }, (_, at) => at + 2));
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  test("a registry that answers nonsense, or fails", async () => {
    const tell = (mode: string) =>
      fetch(`${sandbox.url}/control/faults/registry`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ mode }),
      });
    const id = await registerPlaced();
    await tell("garbage");
    expect(await shownWith(id, written)).toMatch(/the registry's answer is not a schema/);
    await tell("fail500");
    expect(await shownWith(id, written)).toMatch(/the registry answered 500/);
  });
});

test("a schema is fetched once, also when the registry is away later", async () => {
  const id = await registerPlaced();
  const answers = createSchemaRegistry(url);
  await answers.answersFor([id]);
  await fetch(`${sandbox.url}/control/faults/registry`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ mode: "down" }),
  });
  expect(showRecord(record(Buffer.concat([head(id), written])), await answers.answersFor([id]))).toMatchObject({
    decodedAs: "avro",
  });
});

test("bytes that only begin like Avro cost the registry a question each for fifty ids, not for thousands", async () => {
  const answers = createSchemaRegistry(url);
  const ids = Array.from({ length: 2_000 }, (_, at) => at + 100_000);
  const said = await answers.answersFor(ids);
  const asked = [...said.values()].filter((answer) => "why" in answer && answer.why.includes("does not know"));
  expect(asked.length).toBeLessThan(60);
});

test("without a registry nothing is taken for Avro", () => {
  expect(showRecord(record(Buffer.concat([head(1), Buffer.from([0xff])])))).toMatchObject({
    decodedAs: "binary",
    schema: null,
  });
});

import { randomUUID } from "node:crypto";
import avro from "avsc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BrowseLine, BrowseQuery } from "#contracts/api/operations";
import { topics as ourTopics } from "#contracts/topology";
import { startSandbox } from "#sandbox/start-sandbox";
import { createKafkaReads } from "#server/messaging/kafka-reads";
import { provideKafkaReads } from "#server/messaging/kafka-reads-port";
import { kafkaStage, message } from "#server/messaging/kafka-test-stage";
import { act } from "#server/platform/act";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { browseTopic } from "./browse-topic.ts";
import { planReset, resetOffsets } from "./reset-offsets.ts";
import { readTopics } from "./topics.ts";

const stage = kafkaStage();
const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
afterAll(() => sandbox.close());
testDatabase({ TOPIC_PREFIX: stage.prefix, SCHEMA_REGISTRY_URL: `${sandbox.url}/registry` });
const kafka = stage.open();
const reads = createKafkaReads({ brokers: [`${stage.broker.host}:${stage.broker.port}`], clientId: "pages" });
stage.closing.push(() => reads.close());
beforeAll(() => provideKafkaReads(reads));

type Line = {
  progress?: object;
  record?: { offset: string; partition: number; value: string | null };
  end?: { reason: string };
};

/** Reads a whole answer. */
async function read(
  topic: string,
  query: Record<string, unknown>,
  signal = new AbortController().signal,
): Promise<Line[]> {
  const stream = await browseTopic(stage.prefix + topic, BrowseQuery.parse(query), signal, (record) => record);
  const text = await new Response(stream).text();
  return text
    .trim()
    .split("\n")
    .map((line) => BrowseLine.parse(JSON.parse(line)) as Line);
}
const values = (lines: Line[]) => lines.flatMap(({ record }) => record?.value ?? []);
const reasonOf = (lines: Line[]) => lines.at(-1)!.end!.reason;

test("records are read from the newest, the oldest, an offset and a time, and the answer says why it ends", async () => {
  const topic = await stage.topic(2);
  const send = (from: number, many: number) =>
    kafka.send(Array.from({ length: many }, (_, at) => message(topic, `value ${from + at}`, `key ${(from + at) % 7}`)));
  await send(0, 50);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const time = new Date().toISOString();
  await send(50, 10);
  const all = await read(topic, { from: "oldest", limit: 500 });
  expect(values(all).sort()).toEqual(Array.from({ length: 60 }, (_, at) => `value ${at}`).sort());
  expect(reasonOf(all)).toBe("Everything was read.");
  expect(values(await read(topic, { from: "time", time })).sort()).toEqual(
    Array.from({ length: 10 }, (_, at) => `value ${50 + at}`),
  );
  const newest = await read(topic, { limit: 3 });
  expect(values(newest)).toHaveLength(3);
  expect(values(newest).every((value) => Number(value.split(" ")[1]) >= 50)).toBe(true);
  const one = await read(topic, { from: "offset", offset: "2", partition: 1, limit: 1 });
  expect(one.find(({ record }) => record)).toMatchObject({ record: { partition: 1, offset: "2" } });
  expect(reasonOf(one)).toBe("The first 1 were found.");
  expect(values(await read(topic, { from: "oldest", text: "VALUE 17" }))).toEqual(["value 17"]);
  expect(values(await read(topic, { key: "key 3", limit: 500 }))).toHaveLength(9);
});

test("what belongs to an aborted transaction, and markers, are no records", async () => {
  const topic = await stage.topic();
  const producer = stage.bare().producer({ transactionalId: `${stage.prefix}browsed`, maxInFlightRequests: 1 });
  await producer.connect();
  stage.closing.push(() => producer.disconnect());
  for (const [value, isKept] of [
    ["one", true],
    ["taken back", false],
    ["two", true],
  ] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: stage.prefix + topic, messages: [{ value }] });
    await (isKept ? transaction.commit() : transaction.abort());
  }
  // The end moves when the coordinator has written its markers, a moment after it answered.
  await expect.poll(async () => (await kafka.places("nobody", topic))[0]!.end).toBe(6n);
  expect(values(await read(topic, { from: "oldest" }))).toEqual(["one", "two"]);
});

test("Avro beside JSON and raw bytes in one topic: each is read as what it is, and found by its decoded value", async () => {
  const schema = { type: "record", name: "Parcel", fields: [{ name: "carrier", type: "string" }] };
  const registered = await fetch(`${sandbox.url}/registry/subjects/parcels-value/versions`, {
    method: "POST",
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  });
  const { id } = (await registered.json()) as { id: number };
  const body = avro.Type.forSchema(schema as never).toBuffer({ carrier: "North Post" });
  const topic = await stage.topic();
  const producer = stage.bare().producer();
  await producer.connect();
  stage.closing.push(() => producer.disconnect());
  await producer.send({
    topic: stage.prefix + topic,
    messages: [
      { value: Buffer.concat([Buffer.from([0, 0, 0, 0, id]), body]) },
      { value: JSON.stringify({ carrier: "North Post" }) },
      { value: Buffer.concat([Buffer.from([0, 0, 0, 0, 99]), body]) },
    ],
  });
  const shown = await read(topic, { from: "oldest" });
  expect(shown.flatMap(({ record }) => (record ? [record] : []))).toMatchObject([
    { decodedAs: "avro", value: '{"carrier":"North Post"}', schema: { id, name: "Parcel" } },
    { decodedAs: "json", schema: null },
    { decodedAs: "binary", error: expect.stringContaining("the registry does not know it"), schema: { id: 99 } },
  ]);
  expect(values(await read(topic, { from: "oldest", path: "carrier=North Post" }))).toHaveLength(2);
  expect(values(await read(topic, { text: "north post" }))).toHaveLength(2);
});

test("a topic that is not there is refused before the first line", async () => {
  await expect(read("nowhere", {})).rejects.toMatchObject({ status: 404, code: "no_such_topic" });
});

test("reading ends when the reader goes, and progress comes at most twice a second", { timeout: 60_000 }, async () => {
  const topic = await stage.topic();
  const big = "x".repeat(4_000);
  for (let batch = 0; batch < 40; batch += 1) await kafka.send(Array.from({ length: 250 }, () => message(topic, big)));
  const startedMs = performance.now();
  const lines = await read(topic, { from: "oldest", text: "nowhere to be found" });
  const seconds = (performance.now() - startedMs) / 1_000;
  expect(lines.filter(({ progress }) => progress).length).toBeLessThanOrEqual(Math.ceil(seconds * 2) + 1);
  expect(lines.at(-1)!.end).toMatchObject({ read: 10_000, matched: 0 });

  const leaving = new AbortController();
  const stream = await browseTopic(
    stage.prefix + topic,
    BrowseQuery.parse({ from: "oldest", limit: 500 }),
    leaving.signal,
    (record) => record,
  );
  const reader = stream.getReader();
  await reader.read();
  leaving.abort();
  let lines2 = 0;
  while (!(await reader.read()).done) lines2 += 1;
  expect(lines2).toBeLessThan(500);
});

test("a stopped group is moved after a plan and its typed name, and the audit has the intent before the outcome", async () => {
  const topic = await stage.topic(2);
  await kafka.send(Array.from({ length: 20 }, (_, at) => message(topic, `${at}`, `k${at}`)));
  const consumer = await kafka.consume({
    group: "moved",
    topic,
    onBatch: async (batch) => void (await batch.settle([])),
  });
  await stage.untilRead(kafka, "moved", topic);
  const [group, name] = [`${stage.prefix}moved`, stage.prefix + topic];
  const reset = { topic: name, to: { kind: "earliest" }, reason: "read again" } as const;
  await expect(planReset(group, reset)).rejects.toMatchObject({ status: 409, code: "group_not_stopped" });
  await consumer.stop();
  await expect
    .poll(() => planReset(group, reset).catch(() => null), { timeout: 15_000 })
    .toMatchObject({ isDone: false });
  const plan = await planReset(group, reset);
  expect(plan.partitions.every(({ to }) => to === "0")).toBe(true);
  const lag = async () => (await kafka.places("moved", topic)).filter(({ committed, end }) => committed < end).length;
  expect(await lag()).toBe(0);

  const viewer = { userId: "u", email: "lead@example.com", role: "lead" } as never;
  const request = new Request("http://x/api", { method: "POST", headers: { "idempotency-key": randomUUID() } });
  const run = (typedGroup: string) =>
    act({ viewer, request, body: { typedGroup } }, (operation) =>
      resetOffsets(operation, group, { ...reset, typedGroup }),
    );
  await expect(run("moved")).rejects.toMatchObject({ status: 422, code: "typed_group_differs" });
  const done = await run(group);
  expect(done).toMatchObject({ isDone: true });
  expect(await lag()).toBe(2);
  // The same key again changes nothing.
  expect(await run(group)).toEqual(done);
  const audit = await db.rows(
    sql`SELECT actor, action, stage, subject, reason FROM audit_entries WHERE subject = ${`group:${group}`} ORDER BY id`,
  );
  const line = {
    actor: "lead@example.com",
    action: "workers:reset-offsets",
    subject: `group:${group}`,
    reason: "read again",
  };
  expect(audit).toEqual([
    { ...line, stage: "intent" },
    { ...line, stage: "outcome" },
  ]);
  await expect(planReset(`${stage.prefix}nobody`, reset)).rejects.toMatchObject({ status: 404 });
  await expect(planReset(group, { ...reset, topic: "nowhere" })).rejects.toMatchObject({ status: 404 });
});

test("C2: a cluster of 1,000 topics is listed, searched and read within a second each", {
  timeout: 180_000,
}, async () => {
  // Before the crowd: a Kafka that makes a thousand topics forgets the newest for a moment.
  await kafka.ensureTopics([ourTopics.orderEvents], { replication: 1 });
  const admin = stage.bare({ requestTimeout: 60_000 }).admin();
  await admin.connect();
  const names = Array.from({ length: 1_000 }, (_, at) => `${stage.prefix}many-${String(at).padStart(4, "0")}`);
  afterAll(() => admin.disconnect());
  try {
    for (let at = 0; at < names.length; at += 250)
      await admin.createTopics({
        waitForLeaders: false,
        timeout: 30_000,
        topics: names.slice(at, at + 250).map((topic) => ({ topic, numPartitions: 1 })),
      });
    await expect
      .poll(async () => (await readTopics({ search: "many-" })).topics.length, { timeout: 30_000 })
      .toBe(1_000);
    await kafka.send([message("many-0777", "found")]);

    const listed = await timed(() => readTopics({}));
    expect(listed.value.total).toBeGreaterThanOrEqual(1_001);
    expect(listed.value.topics[0]).toMatchObject({
      name: `${stage.prefix}order.events`,
      isOurs: true,
      partitions: 12,
      replicas: 1,
      underReplicated: 0,
      retentionMs: "604800000",
    });
    const searched = await timed(() => readTopics({ search: "many-0777" }));
    expect(searched.value.topics).toMatchObject([{ isOurs: false, records: "1" }]);
    const browsed = await timed(() => read("many-0777", {}));
    expect(values(browsed.value)).toEqual(["found"]);
    const slowestMs = Math.max(listed.ms, searched.ms, browsed.ms);

    expect(slowestMs).toBeLessThan(1_000);
  } finally {
    await admin.deleteTopics({ topics: names, timeout: 60_000 });
  }
});

async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, ms: Math.round(performance.now() - startedMs) };
}

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { ReplayTarget, RunChange, RunRequest } from "#contracts/api/replays";
import { deadLetterQueueName, queues, topics } from "#contracts/topology";
import type { KafkaMessage } from "#server/messaging/broker";
import { failureOf } from "#server/messaging/failure";
import { kafkaStage } from "#server/messaging/kafka-test-stage";
import { message, rabbitTestBroker } from "#server/messaging/rabbit-test-broker";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { accept, asLead, plan, replay } from "./acts-test-stage.ts";
import { changeRun } from "./change-run.ts";
import { startCollector } from "./collect-dead-letters.ts";
import { getRun } from "./run-queries.ts";
import { startReplays } from "./run-replays.ts";
import { plantLetters, plantOrders } from "./test-letters.ts";

/* Replays as they leave: the sender that a worker process runs, on a real RabbitMQ and a real Kafka. */

const broker = rabbitTestBroker();
const kafka = kafkaStage();
testDatabase({ TOPIC_PREFIX: kafka.prefix });

beforeEach(() =>
  db.rows(sql`TRUNCATE dead_letters, dead_letter_groups, replay_runs, inbox, reminders, idempotent_requests CASCADE`),
);

/** Brokers and a running sender; stopped after the test. */
async function open() {
  const { rabbit, url, vhost } = await broker.port();
  const port = kafka.open();
  const sender = startReplays({ rabbit, kafka: port, readers: new Map([["email", "send-email"]]) });
  onTestFinished(() => sender.stop());
  return { rabbit, url, vhost, port };
}

type Arrival = { messageId: string; atMs: number };
/** Everything that comes into a queue from now on, and when. */
async function arrivals(url: string, queue: string): Promise<Arrival[]> {
  const channel = await broker.bareChannel(url);
  const seen: Arrival[] = [];
  await channel.consume(
    queue,
    (one) => one && seen.push({ messageId: String(one.properties.messageId), atMs: performance.now() }),
    { noAck: true },
  );
  return seen;
}

const run = (letters: readonly string[], wish: Partial<RunRequest>, target?: ReplayTarget) =>
  replay(letters, { force: true, reason: "a test", ...wish }, target);
const change = (runId: string, body: RunChange) =>
  asLead((operation) => changeRun(operation, runId, body).then(() => null));
const letterStatuses = async () =>
  new Map(
    (
      await db.rows<{ messageId: string; status: string }>(
        sql`SELECT message_id AS "messageId", status FROM dead_letters`,
      )
    ).map(({ messageId, status }) => [messageId, status]),
  );

test("B6: rates from 0.2 to 500 a second are held within 10 %, side by side, on a real broker", async () => {
  const { url } = await open();
  const rates = { invoice: 0.2, label: 5, webhook: 50, email: 500 } as const;
  const seconds = 11;
  const arrived = new Map<string, Arrival[]>();
  const letters = new Map<string, string[]>();
  for (const [queue, rate] of Object.entries(rates)) {
    arrived.set(queue, await arrivals(url, queue));
    // More than can leave while we look, so that no run ends early.
    letters.set(queue, await plantLetters(Math.ceil(rate * (seconds + 10)) + 2, () => ({ source: queue })));
  }
  for (const [queue, ratePerSecond] of Object.entries(rates)) await run(letters.get(queue)!, { ratePerSecond });
  await expect.poll(() => arrived.get("invoice")!.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  for (const [queue, rate] of Object.entries(rates)) {
    const times = arrived.get(queue)!.map(({ atMs }) => atMs);
    const measured = (times.length - 1) / ((times.at(-1)! - times[0]!) / 1_000);
    expect(
      Math.abs(measured - rate) / rate,
      `${queue}: ${measured.toFixed(2)} instead of ${rate} a second`,
    ).toBeLessThan(0.1);
  }
}, 60_000);

test("B6: pause, another rate and cancel hold within 1 s; Bug: a cancel loses nothing, each letter has left or is where it was", async () => {
  const { url } = await open();
  const seen = await arrivals(url, "email");
  const ids = await plantLetters(1_000);
  const { runId } = await run(ids, { ratePerSecond: 50 });
  await expect.poll(() => seen.length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(20);

  await change(runId, { action: "pause" });
  const pausedMs = performance.now();
  // That nothing comes can only be waited for.
  await sleep(2_500);
  expect(seen.filter(({ atMs }) => atMs > pausedMs + 1_000)).toEqual([]);

  await change(runId, { action: "rate", ratePerSecond: 200 });
  await change(runId, { action: "resume" });
  const resumedMs = performance.now();
  await expect.poll(() => seen.at(-1)!.atMs > resumedMs, { timeout: 1_000, interval: 10 }).toBe(true);
  const from = seen.length;
  await sleep(1_500);
  expect((seen.length - from) / 1.5).toBeGreaterThan(150);

  await change(runId, { action: "cancel" });
  const cancelledMs = performance.now();
  await sleep(2_000);
  expect(seen.filter(({ atMs }) => atMs > cancelledMs + 1_000)).toEqual([]);
  const left = new Set(seen.map(({ messageId }) => messageId));
  expect(left.size).toBe(seen.length);
  expect(left.size).toBeLessThan(1_000);
  const statuses = await letterStatuses();
  expect(statuses.size).toBe(1_000);
  for (const [messageId, status] of statuses) expect(status).toBe(left.has(messageId) ? "replaying" : "dead");
  expect((await getRun(runId)).run).toMatchObject({
    status: "cancelled",
    counts: { sent: left.size, cancelled: 1_000 - left.size },
  });
}, 60_000);

test("Bug: what no queue takes is not removed from the store: nothing has left, and the run says so", async () => {
  const { url } = await open();
  const ids = await plantLetters(3, () => ({ source: "email" }));
  const seen = await arrivals(url, "email");
  const { runId } = await run(ids, {}, { kind: "queue", queue: "nobody-declared-this" });
  await expect.poll(async () => (await getRun(runId)).run.status, { timeout: 10_000 }).toBe("completed");
  expect((await getRun(runId)).run.counts).toEqual({ skipped: 3 });
  expect([...(await letterStatuses()).values()]).toEqual(["dead", "dead", "dead"]);
  expect(seen).toEqual([]);
});

test("B9: what died in RabbitMQ leaves as it came; Bug: a replay sends the message, not its dead-letter wrapper", async () => {
  const { rabbit, url, port } = await open();
  await port.ensureTopics([topics.deadLetters], { replication: 1 });
  const consumerOfQueue = new Map([["email", "send-email"]]);
  const collector = await startCollector({ rabbit, kafka: port, consumerOfQueue });
  onTestFinished(() => collector.stop());
  const body = Buffer.from([0, 255, 1, 254, 123]);
  const sent = message({
    routingKey: "email",
    value: body,
    headers: { "event-type": "email.send", tenant: "north", count: 7, nested: { a: [1, "b"] } },
    priority: 5,
    properties: { contentType: "application/octet-stream", correlationId: "c-1" },
  });
  const failing = await rabbit.consume(queues.email, (delivery) => {
    void rabbit.fail(delivery, failureOf(new Error("no"), { worker: "send-email", attempts: 1 }), { hopeless: true });
  });
  await rabbit.publish([sent]);
  const letters = () => db.rows<{ id: string }>(sql`SELECT id FROM dead_letters`);
  await expect.poll(async () => (await letters()).length, { timeout: 15_000 }).toBe(1);
  await failing.stop();
  const channel = await broker.bareChannel(url);
  const { runId } = await run([(await letters())[0]!.id], {});
  await expect.poll(async () => (await rabbit.depth("email"))!.ready, { timeout: 10_000 }).toBe(1);
  const again = await channel.get("email", { noAck: true });
  if (!again) throw new Error("nothing came");
  expect(again.content.equals(body)).toBe(true);
  expect(again.properties).toMatchObject({
    messageId: sent.messageId,
    contentType: "application/octet-stream",
    correlationId: "c-1",
    priority: 5,
  });
  const { "x-replay-id": replayId, ...headers } = again.properties.headers!;
  expect(headers).toEqual(sent.headers);
  expect(replayId).toEqual(expect.any(String));
  expect(await rabbit.depth(deadLetterQueueName(queues.email))).toMatchObject({ ready: 0 });
  expect((await getRun(runId)).run.counts).toEqual({ sent: 1 });
}, 60_000);

test("B9: key, null key, tombstone and bytes go back to their topic and partition; Bug: headers that stand twice stay, in order", async () => {
  const { port } = await open();
  const topic = topics.orderEvents.name;
  await port.ensureTopics([topics.orderEvents], { replication: 1 });
  const binary = Buffer.from([0xff, 0x00, 0x80]);
  const key = Buffer.from(randomUUID());
  const headers: KafkaMessage["headers"] = [
    ["tenant", Buffer.from("one")],
    ["binary", binary],
    ["tenant", Buffer.from("two")],
    ["tenant", Buffer.from("one")],
  ];
  const originals: Omit<KafkaMessage, "topic">[] = [
    { key, value: Buffer.from("text"), headers },
    { key, value: null, headers },
    { key: binary, value: binary, headers },
    { key: null, value: Buffer.from("without a key"), headers },
    { key: Buffer.alloc(0), value: Buffer.alloc(0), headers },
  ];
  const places = await port.send(originals.map((one) => ({ ...one, topic })));
  const stored = headers.map(([name, value]): [string, string, "utf8" | "base64"] =>
    name === "binary" ? [name, value.toString("base64"), "base64"] : [name, value.toString(), "utf8"],
  );
  const ids = await plantLetters(originals.length, (index) => ({
    broker: "kafka",
    source: topic,
    consumer: "charge-payment",
    messageId: null,
    messageType: "order.placed",
    key: originals[index]!.key,
    body: originals[index]!.value,
    headers: [...stored, ["x-error-class", "Error", "utf8"], ["x-original-topic", topic, "utf8"]],
  }));
  const { runId } = await run(ids, {});
  await expect.poll(async () => (await getRun(runId)).run.counts, { timeout: 10_000 }).toEqual({ sent: 5 });
  const records = await kafka.read(topic);
  const plain = (one: Pick<KafkaMessage, "key" | "value">) =>
    `${one.key?.toString("hex")} ${one.value?.toString("hex")}`;
  for (const [index, original] of originals.entries()) {
    const twice = records.filter((record) => plain(record) === plain(original));
    expect(twice, plain(original)).toHaveLength(2);
    const again = twice.at(-1)!;
    if (original.key !== null) expect(again.partition).toBe(places[index]!.partition);
    const replayed = twice.find((one) => one.headers.some(([name]) => name === "x-replay-id"))!;
    expect(replayed.headers.filter(([name]) => name !== "x-replay-id")).toEqual(headers);
  }
}, 60_000);

test("B9: events of one order reach the topic in the order of its history; Bug: a recovery that turns it round", async () => {
  const { port } = await open();
  const topic = topics.orderEvents.name;
  await port.ensureTopics([topics.orderEvents], { replication: 1 });
  const orders = await plantOrders(3);
  const history = orders.flatMap((orderId) => Array.from({ length: 20 }, (_, seq) => ({ orderId, seq: seq + 1 })));
  // The last died first, all orders mixed.
  const shuffled = history.toReversed().sort((a, b) => b.seq - a.seq);
  const ids = await plantLetters(shuffled.length, (index) => ({
    broker: "kafka",
    source: topic,
    consumer: "charge-payment",
    messageType: "order.placed",
    key: Buffer.from(shuffled[index]!.orderId),
    diedAt: new Date(Date.now() - (shuffled.length - index) * 1_000),
    ...shuffled[index]!,
  }));
  const { runId } = await run(ids, {}, { kind: "topic", topic });
  await expect.poll(async () => (await getRun(runId)).run.counts, { timeout: 15_000 }).toEqual({ sent: 60 });
  const records = (await kafka.read(topic)).filter(({ key }) => key !== null && orders.includes(key.toString()));
  for (const orderId of orders) {
    const mine = records.filter(({ key }) => key!.toString() === orderId);
    expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
    expect(mine.map(({ value }) => JSON.parse(value!.toString()).seq)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  }
}, 60_000);

test("B7: a second click, tab or user is told which run has the letter already", async () => {
  const [id] = await plantLetters(1);
  const [first, second] = [await plan([id!]), await plan([id!])];
  await accept(first.planId, { name: "SMTP was down", holdMs: 60_000 });
  await expect(accept(second.planId, { name: "me too" })).rejects.toThrow(/already in run “SMTP was down”/);
});

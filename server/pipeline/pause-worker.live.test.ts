import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { topics } from "#contracts/topology";
import { createKafka } from "#server/messaging/kafka";
import { createRabbit } from "#server/messaging/rabbit";
import { startRabbitNode } from "#server/messaging/rabbit-node";
import { runWorkers } from "#server/messaging/run-workers";
import { act, type Operation } from "#server/platform/act";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { workers } from "#workers";
import { pauseWorker, resumeWorker } from "./pause-worker.ts";

const node = await startRabbitNode();
testDatabase({ RABBITMQ_URL: (await node.vhost()).url });
afterAll(() => node.remove());
beforeAll(async () => {
  await kafka().ensureTopics(Object.values(topics), { replication: 1 });
});

const lead = { id: "1", email: "lead@shop.test", name: "Lea", role: "lead" } as never;
const kafka = () => {
  const { KAFKA_BROKERS, TOPIC_PREFIX } = env();
  return createKafka({ brokers: KAFKA_BROKERS, clientId: "pauses", prefix: TOPIC_PREFIX, onFatal: () => {} });
};
const order = (change: (operation: Operation) => Promise<void>) =>
  act({ viewer: lead, request: new Request("http://shop.test/pause", { method: "POST" }), body: {} }, change);
const pause = (worker: string) => order((operation) => pauseWorker(operation, worker, "the carrier is away"));
const resume = (worker: string) => order((operation) => resumeWorker(operation, worker, "the carrier is back"));

/** The shop's own workers of these names, until the test ends. */
async function run(...names: string[]) {
  const running = await runWorkers(
    workers.filter(({ name }) => names.includes(name)),
    { onFatal: () => {} },
  );
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await running.stop();
    isStopped = true;
  };
  onTestFinished(stop);
  return { stop };
}

function readers(queue: string) {
  const rabbit = createRabbit({ url: env().RABBITMQ_URL, name: "looks" });
  onTestFinished(() => rabbit.close());
  return async () => (await rabbit.depth(queue))?.consumers;
}
async function members(group: string): Promise<number> {
  const { Kafka, logLevel } = await import("kafkajs");
  const admin = new Kafka({ brokers: env().KAFKA_BROKERS, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([env().TOPIC_PREFIX + group]);
    return groups[0]!.members.length;
  } finally {
    await admin.disconnect();
  }
}
const soon = { timeout: 1_000, interval: 50 };
const later = { timeout: 15_000, interval: 100 };

describe("a paused worker", () => {
  test("leaves its queue within a second and comes back when it is resumed", async () => {
    await run("render-label");
    const consumers = readers("label");
    await expect.poll(consumers, later).toBe(1);
    await pause("render-label");
    await expect.poll(consumers, soon).toBe(0);
    await resume("render-label");
    await expect.poll(consumers, soon).toBe(1);
  });

  test("leaves its consumer group and joins it again, while its neighbours go on", async () => {
    await run("create-shipment", "reserve-stock");
    expect(await members("create-shipment")).toBe(1);
    await pause("create-shipment");
    await expect.poll(() => members("create-shipment"), { timeout: 2_000, interval: 50 }).toBe(0);
    expect(await members("reserve-stock")).toBe(1);
    await resume("create-shipment");
    await expect.poll(() => members("create-shipment"), later).toBe(1);
  });

  test("stays paused over a restart, in a second process as well, and its reminders wait with it", async () => {
    await pause("create-shipment");
    await pause("render-label");
    const consumers = readers("label");
    const first = await run("create-shipment", "render-label");
    await run("create-shipment", "render-label");
    await db.rows(sql`
      INSERT INTO reminders (consumer, message_id, due_at, attempts, value, headers)
      VALUES ('create-shipment', ${randomUUID()}::uuid, now(), 1, ${Buffer.from("not readable")}, '{}')`);
    const waiting = async () =>
      (await db.rows(sql`SELECT FROM reminders WHERE consumer = 'create-shipment' AND due_at <= now()`)).length;
    await first.stop();
    await run("create-shipment", "render-label");
    expect(await consumers()).toBe(0);
    expect(await members("create-shipment")).toBe(0);
    expect(await waiting()).toBe(1);

    await Promise.all([resume("create-shipment"), resume("render-label")]);
    await expect.poll(consumers, later).toBe(2);
    await expect.poll(() => members("create-shipment"), later).toBe(2);
    await expect.poll(waiting, later).toBe(0);
  });

  test("is told by name, reason and time: who paused it, and twice is once", async () => {
    await pause("send-email");
    await pause("send-email");
    await resume("send-email");
    const entries = await db.rows(sql`
      SELECT action, actor, reason, before, after FROM audit_entries WHERE subject = 'worker:send-email' ORDER BY id`);
    expect(entries).toMatchObject([
      { action: "workers:pause", actor: "lead@shop.test", before: { isPaused: false }, after: { isPaused: true } },
      { action: "workers:pause", before: { isPaused: true } },
      { action: "workers:resume", reason: "the carrier is back", before: { pausedBy: "lead@shop.test" } },
    ]);
    const marks = await db.rows(sql`SELECT kind, href FROM pipeline_marks WHERE label LIKE 'send-email%' ORDER BY id`);
    expect(marks).toEqual([
      { kind: "pause", href: "/queues?family=email" },
      { kind: "resume", href: "/queues?family=email" },
    ]);
    await expect(pause("nobody")).rejects.toMatchObject({ status: 404, code: "worker_not_found" });
  });
});

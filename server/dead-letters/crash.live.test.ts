import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { topics } from "#contracts/topology";
import { kafkaStage } from "#server/messaging/kafka-test-stage";
import { rabbitTestBroker } from "#server/messaging/rabbit-test-broker";
import type { CrashPoint } from "#server/platform/crash-point";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { plantLetters, plantOrders } from "./test-letters.ts";

const broker = rabbitTestBroker();
const kafka = kafkaStage();
testDatabase({ TOPIC_PREFIX: kafka.prefix });
const stage = fileURLToPath(new URL("crash-stage.ts", import.meta.url));

// What one test leaves waiting, the next one's sender would send.
beforeEach(() => db.rows(sql`TRUNCATE dead_letters, replay_runs, inbox, reminders, idempotent_requests CASCADE`));

/** A stage process; `ended` tells the signal or code it ended with. */
function start(args: string[], env: Record<string, string> = {}) {
  const child: ChildProcess = fork(stage, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise<string | number | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? code)),
  );
  const answered = new Promise<unknown>((resolve) => child.once("message", resolve));
  return { child, ended, answered };
}

/** Counts what arrives in queue `email` per message id, and does what the worker would: one inbox row for each. */
async function countArrivals(url: string): Promise<Map<string, number>> {
  const channel = await broker.bareChannel(url);
  const arrivals = new Map<string, number>();
  await channel.consume("email", (message) => {
    if (!message) return;
    const id = String(message.properties.messageId);
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1);
    channel.ack(message);
    void db.rows(
      sql`INSERT INTO inbox (consumer, message_id) VALUES ('send-email', ${id}::uuid) ON CONFLICT DO NOTHING`,
    );
  });
  return arrivals;
}

type Letter = { messageId: string; status: string; replay: string; detail: string | null };
const readLetters = (ids: readonly string[]) =>
  db.rows<Letter>(sql`
    SELECT l.message_id AS "messageId", l.status, r.status AS replay, r.detail
      FROM dead_letters l JOIN replays r ON r.letter_id = l.id WHERE l.id = ANY(${[...ids]}::uuid[])`);

test.each<CrashPoint>([
  "send:claimed",
  "send:confirmed",
  "send:before-mark-commit",
  "send:marked",
  "settle:before-commit",
])(
  "B1: killed at %s, the sender has sent each letter once, or says that it can't be sure",
  async (point) => {
    const { url } = await broker.port();
    const ids = await plantLetters(40);
    await start(["act", randomUUID(), ...ids]).answered;
    const arrivals = await countArrivals(url);
    expect(await start(["send"], { RABBITMQ_URL: url, CRASH_AT: point }).ended).toBe("SIGKILL");
    start(["send"], { RABBITMQ_URL: url });
    await expect
      .poll(async () => (await readLetters(ids)).every(({ replay }) => ["succeeded", "uncertain"].includes(replay)), {
        timeout: 20_000,
      })
      .toBe(true);
    for (const { messageId, status, replay, detail } of await readLetters(ids)) {
      const count = arrivals.get(messageId) ?? 0;
      expect(count).toBeLessThanOrEqual(1);
      expect(status).toBe(replay);
      if (replay === "uncertain") expect(detail).toContain("may have left or not");
      else expect(count).toBe(1);
    }
    if (point === "send:claimed") expect(arrivals.size).toBe(0);
    else expect(arrivals.size).toBe(40);
  },
  60_000,
);

test.each<CrashPoint>(["send:claimed", "send:confirmed", "send:before-mark-commit"])(
  "B1: killed at %s, what goes straight to its worker is handed over exactly once",
  async (point) => {
    const { url } = await broker.port();
    const ids = await plantLetters(10, () => ({ broker: "kafka", source: "order.events", consumer: "charge-payment" }));
    await start(["act", randomUUID(), ...ids]).answered;
    expect(await start(["send"], { RABBITMQ_URL: url, CRASH_AT: point }).ended).toBe("SIGKILL");
    start(["send"], { RABBITMQ_URL: url });
    await expect
      .poll(async () => (await readLetters(ids)).every(({ replay }) => replay === "sent"), { timeout: 20_000 })
      .toBe(true);
    const rows = await db.rows<{ replay: string }>(sql`
      SELECT h ->> 1 AS replay FROM reminders, jsonb_array_elements(headers) h WHERE h ->> 0 = 'x-replay-id'
         AND message_id IN (SELECT message_id FROM dead_letters WHERE id = ANY(${ids}::uuid[]))`);
    expect(new Set(rows.map(({ replay }) => replay)).size).toBe(10);
    expect(rows).toHaveLength(10);
  },
  60_000,
);

test.each<CrashPoint>(["plan:before-commit", "accept:before-commit"])(
  "B1: killed at %s, no letter is claimed, and the same request again is one run",
  async (point) => {
    const ids = await plantLetters(5);
    const key = randomUUID();
    expect(await start(["act", key, ...ids], { CRASH_AT: point }).ended).toBe("SIGKILL");
    // A plan claims nothing; that of a request that was accepted half-way stays, until it expires.
    const before = await readLetters(ids);
    expect(before).toHaveLength(point === "plan:before-commit" ? 0 : 5);
    for (const { status, replay } of before) expect({ status, replay }).toEqual({ status: "dead", replay: "planned" });
    const first = await start(["act", key, ...ids]).answered;
    const second = await start(["act", key, ...ids]).answered;
    expect(second).toEqual(first);
    expect((await readLetters(ids)).map(({ replay }) => replay)).toEqual(Array.from({ length: 5 }, () => "waiting"));
  },
  30_000,
);

test("B1: killed at accept:committed, the run is there; the same request again gets it and starts no other", async () => {
  const ids = await plantLetters(5);
  const key = randomUUID();
  expect(await start(["act", key, ...ids], { CRASH_AT: "accept:committed" }).ended).toBe("SIGKILL");
  const before = await readLetters(ids);
  expect(before.map(({ replay }) => replay)).toEqual(Array.from({ length: 5 }, () => "waiting"));
  const [run] = await db.rows<{ id: string }>(sql`SELECT id FROM replay_runs WHERE status <> 'planned'`);
  expect(await start(["act", key, ...ids]).answered).toEqual({ runId: run!.id });
  expect(await readLetters(ids)).toEqual(before);
});

test.each<CrashPoint>(["edit:before-commit", "edit:committed"])(
  "B1: killed at %s, the same request again is one edit and one message",
  async (point) => {
    const { url } = await broker.port();
    const [order] = await plantOrders(1);
    const [id] = await plantLetters(1, () => ({ orderId: order! }));
    const [letter] = await db.rows<{ body: Buffer; messageId: string }>(sql`
    SELECT d.body, l.message_id AS "messageId" FROM dead_letters l JOIN dead_letter_deaths d ON d.letter_id = l.id WHERE l.id = ${id!}::uuid`);
    const body = letter!.body.toString().replace('"orderNumber":1', '"orderNumber":2');
    const key = randomUUID();
    const args = ["edit", key, id!, "1", body];
    expect(await start(args, { CRASH_AT: point }).ended).toBe("SIGKILL");
    expect(await db.rows(sql`SELECT id FROM dead_letter_edits`)).toHaveLength(point === "edit:committed" ? 1 : 0);
    await start(args).answered;
    await start(args).answered;
    const channel = await broker.bareChannel(url);
    start(["send"], { RABBITMQ_URL: url });
    await expect.poll(async () => (await readLetters([id!]))[0]?.replay, { timeout: 20_000 }).toBe("sent");
    const message = await channel.get("email", { noAck: true });
    expect(message ? message.content.toString() : null).toBe(body);
    expect(await channel.get("email", { noAck: true })).toBe(false);
    expect(await db.rows(sql`SELECT number FROM dead_letter_edits`)).toEqual([{ number: 1 }]);
  },
  60_000,
);

test.each<CrashPoint>(["send:claimed", "send:confirmed", "send:before-mark-commit", "send:marked"])(
  "B1: killed at %s, what goes to a topic is in Kafka once, or not at all and called uncertain",
  async (point) => {
    const { url } = await broker.port();
    const port = kafka.open();
    await port.ensureTopics([topics.orderEvents], { replication: 1 });
    const ids = await plantLetters(20, () => ({
      broker: "kafka",
      source: topics.orderEvents.name,
      messageType: "order.placed",
      consumer: "charge-payment",
      // Without an id nobody can be asked to do it alone: it goes back to its topic.
      messageId: null,
      headers: [["crash", point, "utf8"]],
    }));
    await start(["act", randomUUID(), ...ids]).answered;
    expect(await start(["send"], { RABBITMQ_URL: url, CRASH_AT: point }).ended).toBe("SIGKILL");
    start(["send"], { RABBITMQ_URL: url });
    const settled = point === "send:marked" ? "sent" : "uncertain";
    await expect
      .poll(async () => (await readLetters(ids)).every(({ replay }) => replay === settled), { timeout: 20_000 })
      .toBe(true);
    const sent = (await kafka.read(topics.orderEvents.name)).flatMap(({ headers }) => {
      const mine = headers.some(([name, value]) => name === "crash" && value.toString() === point);
      return mine ? [String(headers.find(([name]) => name === "x-replay-id")![1])] : [];
    });
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent).toHaveLength(point === "send:claimed" ? 0 : 20);
  },
  60_000,
);

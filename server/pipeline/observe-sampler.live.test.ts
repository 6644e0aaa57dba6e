import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { asLead, replay } from "#server/dead-letters/acts-test-stage";
import { addRedirect } from "#server/dead-letters/change-redirects";
import { plantLetters } from "#server/dead-letters/test-letters";
import { type FaultProxy, startFaultProxy } from "#server/messaging/fault-proxy";
import { createKafkaObserver } from "#server/messaging/kafka-observe";
import { kafkaStage, message } from "#server/messaging/kafka-test-stage";
import { createRabbitObserver } from "#server/messaging/rabbit-observe";
import { messages, rabbitTestBroker } from "#server/messaging/rabbit-test-broker";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { readConsumers } from "./consumers.ts";
import { readMap } from "./map.ts";
import { cleanSamples, readLatest } from "./observe-sample.ts";
import { startSampler } from "./observe-sampler.ts";
import { readQueues } from "./queues.ts";
import { readGroupHistory, readSeries } from "./series.ts";

const rabbit = rabbitTestBroker();
const stage = kafkaStage();
testDatabase({ TOPIC_PREFIX: stage.prefix });

let proxy: FaultProxy;
let rabbitUrl: string;
let stop = async () => {};
// Registered last, so it runs before the database goes.
afterAll(() => stop());
const calm = { areDead: false };

beforeAll(async () => {
  proxy = await startFaultProxy(stage.broker);
  const node = rabbit.node();
  rabbitUrl = (await node.vhost()).url;
  const observers = {
    kafka: createKafkaObserver({
      brokers: [`127.0.0.1:${proxy.port}`],
      clientId: "observer",
      dial: () => ({ host: "127.0.0.1", port: proxy.port }),
      requestTimeoutMs: 2_000,
    }),
    rabbit: createRabbitObserver({ url: rabbitUrl, managementUrl: "http://127.0.0.1:9", scale: 0.01 }),
  };
  const sampler = startSampler(observers, { watchedMs: 300, unwatchedMs: 300 });
  stop = async () => {
    await sampler.stop();
    await Promise.all([observers.kafka.close(), observers.rabbit.close()]);
    await proxy.close();
  };
});

const known = async () => (await readLatest())?.figures.known;
const untilKnown = (wanted: object) => expect.poll(known, { timeout: 40_000 }).toMatchObject(wanted);

test("A1, A7: what the observer saw is there to read: groups, queues and both brokers in one picture", async () => {
  const topic = "order.events";
  const kafka = stage.open();
  await kafka.ensureTopics([{ name: topic, partitions: 12 } as never], { replication: 1 });
  await kafka.send(Array.from({ length: 30 }, (_, at) => message(topic, `${at}`, `order ${at}`)));
  let isBusy = true;
  await stage.consume(kafka, {
    group: "create-shipment",
    topic,
    onBatch: async (batch) => {
      while (isBusy) await new Promise((resolve) => setTimeout(resolve, 50));
      await batch.settle([]);
    },
  });
  const port = rabbit.connectTo(rabbitUrl);
  await port.declareTopology(0.01);
  await port.publish(messages(7));

  const group = async () => (await readConsumers()).groups.find(({ worker }) => worker === "create-shipment");
  // It has committed nothing yet: what lies there waits for it all the same.
  const isBehind = async () => {
    const view = await group();
    return view?.state === "Stable" && view.members === 1 && view.lag >= 30;
  };
  await expect.poll(isBehind, { timeout: 20_000 }).toBe(true);
  isBusy = false;
  await expect.poll(group, { timeout: 20_000 }).toMatchObject({
    lag: 0,
    health: "ok",
    reason: "Caught up on every partition.",
    inWords: "No order waits for shipping.",
  });
  const label = async () => (await readQueues()).families.find(({ name }) => name === "label");
  await expect.poll(label, { timeout: 45_000 }).toMatchObject({
    ...{
      worker: "render-label",
      status: "no_consumer",
      inWords: expect.stringMatching(/^7 labels wait, oldest .*nobody works on it\.$/),
    },
    ...{
      main: { ready: 7, consumers: 0, unacked: null, inPerSecond: null },
      retries: [{ delayMs: 10 }, { delayMs: 50 }, { delayMs: 300 }],
    },
    deadInBroker: 0,
  });
  const map = await readMap(calm);
  expect(map.known).toMatchObject({ kafka: { isUp: true }, rabbitmq: { isUp: true }, queueSource: "amqp" });
  const ids = new Set(map.nodes.map(({ id }) => id));
  expect(map.edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
  expect(map.edges.find(({ from }) => from === "queue:label")).toMatchObject({ waiting: 7, status: "bad" });
  expect((await readGroupHistory(`${stage.prefix}create-shipment`)).points.length).toBeGreaterThan(1);
  const { points } = await readSeries(5);
  expect(points.length).toBeGreaterThan(1);
  expect(points.length).toBeLessThanOrEqual(300);
});

test("A1: a partition is shown with its place, member and both rates; A4: the age of its first unread record is right within 2 s", async () => {
  const kafka = stage.open();
  const topic = "paced";
  await kafka.ensureTopics([{ name: topic, partitions: 3 } as never], { replication: 1 });
  /** When each record was sent, and what was committed when. */
  const sentMs = new Map<string, number>();
  const commits: { partition: number; atMs: number; next: number }[] = [];
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  // 30 a second come, 15 are read: after some seconds what is read next is some seconds old.
  const producing = (async () => {
    for (let at = 0; !isOver; at += 3) {
      const nowMs = Date.now();
      const places = await kafka.send([0, 1, 2].map((one) => message(topic, `${at + one}`, `key ${(at + one) % 60}`)));
      for (const place of places) sentMs.set(`${place!.partition}/${place!.offset}`, nowMs);
      await sleep(100);
    }
  })();
  const consumer = stage.bare().consumer({ groupId: `${stage.prefix}paced` });
  await consumer.connect();
  await consumer.subscribe({ topic: stage.prefix + topic, fromBeginning: true });
  stage.closing.push(() => consumer.disconnect());
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 3,
    eachMessage: async ({ partition, message: { offset } }) => {
      await sleep(3_000 / 15);
      const next = Number(offset) + 1;
      await consumer.commitOffsets([{ topic: stage.prefix + topic, partition, offset: String(next) }]);
      commits.push({ partition, atMs: Date.now(), next });
    },
  });
  const group = async () => {
    const { at, groups } = await readConsumers();
    const shown = groups.find((one) => one.group === `${stage.prefix}paced`);
    return shown && { atMs: Date.parse(at), ...shown };
  };
  await expect.poll(async () => (await group())?.timeLagMs ?? 0, { timeout: 30_000 }).toBeGreaterThan(4_000);

  let [compared, exact] = [0, 0];
  for (let look = 0; look < 12; look += 1, await sleep(400)) {
    const { atMs, partitions } = (await group())!;
    for (const { partition, timeLagMs, timeLagIs } of partitions) {
      const next = commits.findLast((one) => one.partition === partition && one.atMs <= atMs)?.next ?? 0;
      const unreadMs = sentMs.get(`${partition}/${next}`);
      if (unreadMs === undefined || unreadMs > atMs) continue;
      expect(["exact", "estimated"]).toContain(timeLagIs);
      expect(Math.abs(timeLagMs! - (atMs - unreadMs)), `${timeLagIs} on partition ${partition}`).toBeLessThan(2_000);
      compared += 1;
      exact += timeLagIs === "exact" ? 1 : 0;
    }
  }
  expect(compared).toBeGreaterThan(20);
  expect(exact).toBeGreaterThan(10);

  const shown = (await group())!;
  expect(shown).toMatchObject({ state: "Stable", members: 1 });
  expect(Math.abs(shown.producePerSecond! - 30) / 30).toBeLessThan(0.3);
  const read = commits.length / ((commits.at(-1)!.atMs - commits[0]!.atMs) / 1_000);
  expect(Math.abs(shown.consumePerSecond! - read) / read).toBeLessThan(0.3);
  for (const one of shown.partitions) {
    expect(one).toMatchObject({
      committed: expect.stringMatching(/^\d+$/),
      end: expect.stringMatching(/^\d+$/),
      member: expect.stringMatching(/@/),
      reason: expect.stringMatching(/\.$/),
      producePerSecond: expect.any(Number),
      consumePerSecond: expect.any(Number),
    });
    expect(one.lag).toBe(Number(one.end) - Number(one.committed));
  }
  isOver = true;
  await producing;
}, 90_000);

test("D7: while Kafka is away its part is unknown since then, the queues go on; it comes back by itself", async () => {
  await untilKnown({ kafka: { isUp: true }, rabbitmq: { isUp: true } });
  await proxy.set({ mode: "refuse" });
  await untilKnown({ kafka: { isUp: false, reason: expect.any(String) }, rabbitmq: { isUp: true } });
  const since = (await known())!.kafka.since;
  expect(Date.now() - Date.parse(since!)).toBeLessThan(20_000);
  const { nodes, health } = await readMap(calm);
  expect(nodes.find(({ id }) => id === "worker:charge-payment")!.status).toBe("unknown");
  expect(health.sentence).toMatch(/Kafka has not been seen for/);
  const [first] = [(await readLatest())!.at];
  await expect.poll(async () => (await readLatest())!.at > first, { timeout: 20_000 }).toBe(true);
  expect((await known())!.kafka.since).toBe(since);
  await proxy.set({ mode: "pass" });
  await untilKnown({ kafka: { isUp: true } });
});

test("D7: while RabbitMQ is away the groups go on, and it comes back by itself", { timeout: 120_000 }, async () => {
  await rabbit.node().kill();
  await untilKnown({ rabbitmq: { isUp: false }, kafka: { isUp: true }, queueSource: "none" });
  expect((await readQueues()).families.every(({ status }) => status === "unknown")).toBe(true);
  await rabbit.node().start();
  await untilKnown({ rabbitmq: { isUp: true } });
});

test("D7: an observer that lost PostgreSQL goes on when it is back", async () => {
  await db.rows(sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'observer%' AND pid <> pg_backend_pid()`);
  const lost = new Date();
  await expect.poll(async () => (await readLatest())!.at > lost, { timeout: 20_000 }).toBe(true);
});

test("A6: a day is kept, of what is older than ten minutes one sample in ten seconds", async () => {
  await db.rows(sql`
    INSERT INTO pipeline_samples (sampled_at, figures)
    SELECT at, (SELECT figures - 'now' FROM pipeline_samples ORDER BY sampled_at DESC LIMIT 1)
      FROM generate_series(now() - interval '18 minutes', now() - interval '12 minutes', interval '2 seconds') AS at
    UNION ALL SELECT now() - interval '25 hours', (SELECT figures - 'now' FROM pipeline_samples ORDER BY sampled_at DESC LIMIT 1)`);
  await cleanSamples();
  const [row] = await db.rows<{ old: number; ancient: number }>(sql`
    SELECT count(*) FILTER (WHERE sampled_at < now() - interval '11 minutes') AS old,
           count(*) FILTER (WHERE sampled_at < now() - interval '24 hours') AS ancient FROM pipeline_samples`);
  expect(row!.ancient).toBe(0);
  expect(row!.old).toBeGreaterThanOrEqual(35);
  expect(row!.old).toBeLessThanOrEqual(38);
});

test("A6: the curves carry marks for deploys, replays, redirects and alerts", async () => {
  const [letter] = await plantLetters(1);
  await replay([letter!], { name: "after the outage" });
  await db.rows(sql`UPDATE replay_runs SET status = 'running', started_at = now()`);
  await asLead((operation) =>
    addRedirect(operation, {
      fromKind: "queue",
      fromName: "email",
      target: { kind: "queue", queue: "elsewhere" },
      reason: "a new mail service",
      expiresInMs: 3_600_000,
    }),
  );
  await db.rows(sql`
    INSERT INTO alerts (id, rule, subject, status, summary, href, value, since, fired_at)
    VALUES (gen_random_uuid(), 'status', 'create-shipment', 'firing', 'create-shipment has stopped', '/consumers', 1, now(), now())`);
  const { marks } = await readSeries(60);
  expect(new Set(marks.map(({ kind }) => kind))).toEqual(new Set(["deploy", "replay", "redirect", "alert"]));
  expect(marks.find(({ kind }) => kind === "replay")).toMatchObject({
    label: "Replay: after the outage",
    href: expect.stringMatching(/^\/dead-letters\/runs\//),
  });
});

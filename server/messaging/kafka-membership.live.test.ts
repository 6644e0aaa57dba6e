import { expect, test } from "vitest";
import type { KafkaBatch, KafkaMessage } from "./broker.ts";
import { createSafeProducer } from "./kafka-producer.ts";
import { kafkaStage, message, words } from "./kafka-test-stage.ts";
import { createPartitions } from "./kafka-topics.ts";

const stage = kafkaStage();
const kafka = stage.open();

test("the new owner of a partition fences the old one, who may come back as a new one", async () => {
  const topic = await stage.topic();
  const client = stage.bare();
  const partitions = createPartitions(client, stage.prefix);
  const owner = () =>
    createSafeProducer(client, partitions, { deadlineMs: 10_000, transactionalId: `${stage.prefix}payment-0` });
  const [old, young] = [owner(), owner()];
  stage.closing.push(old.close, young.close);
  await old.send([message(topic, "old 1")]);
  await young.send([message(topic, "young 1")]);
  await expect(old.send([message(topic, "old 2")])).rejects.toThrow();
  expect(old.hasFailed()).toBe(true);
  await young.send([message(topic, "young 2")]);
  await old.send([message(topic, "old 3")]);
  expect(old.hasFailed()).toBe(false);
  expect(words(await stage.read(topic))).toEqual(["old 1", "young 1", "young 2", "old 3"]);
});

test("two members share the partitions, and a leaver finishes what it has in hand", async () => {
  const topic = await stage.topic(4);
  const handled: string[] = [];
  const { promise: finish, resolve: letFinish } = Promise.withResolvers<void>();
  const { promise: began, resolve: begin } = Promise.withResolvers<void>();
  let isHolding = true;
  const onBatch = async (batch: KafkaBatch) => {
    begin();
    if (isHolding) await finish;
    await batch.settle([]);
    handled.push(...words(batch.messages));
  };
  const leaver = await stage.consume(stage.open(), { group: "pair", topic, onBatch });
  const send = (from: number): KafkaMessage[] =>
    Array.from({ length: 30 }, (_, at) => message(topic, `${from + at}`, `order ${at}`));
  await kafka.send(send(0));
  await began;
  const leaving = leaver.stop();
  isHolding = false;
  letFinish();
  await leaving;
  const first = handled.length;
  expect(first).toBeGreaterThan(0);
  await stage.consume(stage.open(), { group: "pair", topic, onBatch });
  await kafka.send(send(30));
  const all = Array.from({ length: 60 }, (_, at) => at);
  await expect.poll(() => handled.map(Number).sort((a, b) => a - b)).toEqual(all);
});

test("a handler that hangs is fatal; one that fails again and again is not", async () => {
  const topic = await stage.topic();
  await kafka.send([message(topic, "hard")]);
  const hung = stage.open({ patienceMs: 1_500 });
  // Longer than it waits between two tries.
  const failing = stage.open({ patienceMs: 5_000 });
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  let tries = 0;
  await stage.consume(failing, {
    group: "failing",
    topic,
    onBatch: async () => {
      tries += 1;
      throw new Error("the database is away");
    },
  });
  await expect.poll(() => tries).toBeGreaterThan(1);
  await stage.consume(hung, { group: "hung", topic, onBatch: () => never });
  await expect.poll(() => hung.fatal[0]?.message).toMatch(/hung does not move on partitions 0/);
  expect(failing.fatal).toEqual([]);
  release();
});

test("a group that refuses us for good is fatal", async () => {
  const topic = await stage.topic();
  const stranger = stage.bare().consumer({
    groupId: `${stage.prefix}taken`,
    maxWaitTimeInMs: 200,
    partitionAssigners: [
      () => ({
        name: "OfSomebodyElse",
        version: 0,
        assign: async () => [],
        protocol: () => ({ name: "OfSomebodyElse", metadata: Buffer.alloc(0) }),
      }),
    ],
  });
  await stranger.connect();
  await stranger.subscribe({ topic: stage.prefix + topic });
  const joined = new Promise((resolve) => stranger.on(stranger.events.GROUP_JOIN, resolve));
  await stranger.run({ eachMessage: async () => {} });
  await joined;
  const refused = stage.open();
  await stage.consume(refused, { group: "taken", topic, onBatch: async () => {} });
  await expect.poll(() => refused.fatal[0]?.message, { timeout: 10_000 }).toMatch(/protocol/i);
  await stranger.disconnect();
});

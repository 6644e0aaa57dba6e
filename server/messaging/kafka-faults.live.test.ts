import { connect } from "node:net";
import { type Kafka, Partitioners, type Producer } from "kafkajs";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { createSafeProducer } from "./kafka-producer.ts";
import { kafkaStage, message, words } from "./kafka-test-stage.ts";
import { createPartitions } from "./kafka-topics.ts";

/** What the network does to us on the way to Kafka, and what kafkajs alone makes of it: that is why the port is as it is. */
const stage = kafkaStage();
const kafka = stage.open();
let proxy: FaultProxy;

beforeAll(async () => {
  proxy = await startFaultProxy(stage.broker);
  stage.closing.push(() => proxy.close());
});
beforeEach(() => proxy.set({ mode: "pass" }));

const REQUEST_TIMEOUT_MS = 500;
const behindProxy = () =>
  stage.open({ requestTimeoutMs: REQUEST_TIMEOUT_MS, dial: () => ({ host: proxy.host, port: proxy.port }) });

/** Patient enough for every request whose answer is not taken away: kafkajs repeats no commit. */
const bareClient = (): Kafka =>
  stage.bare({
    requestTimeout: 3_000,
    retry: { retries: 3, initialRetryTime: 50 },
    socketFactory: ({ onConnect }) => connect({ host: proxy.host, port: proxy.port }, onConnect),
  });

/** kafkajs as it comes, with an impatient caller. */
async function bareProducer(transactionalId?: string, retries = 1): Promise<Producer> {
  const client = bareClient();
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries, initialRetryTime: 50 },
  });
  stage.closing.push(() => producer.disconnect().catch(() => {}));
  await producer.connect();
  return producer;
}

const loseAnswers = () => proxy.set({ mode: "blackhole", direction: "answers" });

test("M1 kafkajs alone acknowledges a message that Kafka never stored, after the answer to another one was lost", async () => {
  const topic = await stage.topic();
  const producer = await bareProducer();
  const send = (value: string) => producer.send({ topic: stage.prefix + topic, messages: [{ value }] });
  await send("m0");
  await loseAnswers();
  await expect(send("m1")).rejects.toThrow();
  await proxy.set({ mode: "pass" });
  const [answer] = await send("m2");
  expect(answer).toMatchObject({ errorCode: 0, baseOffset: "1" });
  expect(words(await stage.read(topic))).toEqual(["m0", "m1"]);
});

test.each([
  { giver: "kafkajs gives up", retries: 1, deadlineMs: 10_000 },
  { giver: "we give kafkajs up", retries: 60, deadlineMs: 5_000 },
])("M1 every message we acknowledge is stored, though answers are lost and $giver", async ({ retries, deadlineMs }) => {
  const topic = await stage.topic();
  const client = bareClient();
  const producer = createSafeProducer(client, createPartitions(client, stage.prefix), { retries, deadlineMs });
  stage.closing.push(producer.close);
  await producer.send([message(topic, "m0")]);
  await loseAnswers();
  await expect(producer.send([message(topic, "m1")])).rejects.toThrow(/timed out|not answered/);
  await proxy.set({ mode: "pass" });
  const [position] = await producer.send([message(topic, "m2")]);
  const stored = await stage.read(topic);
  expect(words(stored)).toEqual(["m0", "m1", "m2"]);
  expect(position).toEqual({ partition: 0, offset: stored[2]!.offset });
});

test("M2 kafkajs alone commits a transaction without its message, after an answer was lost in the one before", async () => {
  const topic = await stage.topic();
  const producer = await bareProducer(`${stage.prefix}m2-bare`);
  const commit = async (value: string) => {
    const transaction = await producer.transaction();
    await transaction.send({ topic: stage.prefix + topic, messages: [{ value }] });
    await transaction.commit();
  };
  await commit("t0");
  // The partition is in the transaction already when the answer to the message is lost.
  const transaction = await producer.transaction();
  await transaction.send({ topic: stage.prefix + topic, messages: [{ value: "t1" }] });
  await loseAnswers();
  await expect(transaction.send({ topic: stage.prefix + topic, messages: [{ value: "t1b" }] })).rejects.toThrow();
  await proxy.set({ mode: "pass" });
  await transaction.abort();
  await commit("t2");
  await commit("t3");
  expect(words(await stage.read(topic))).toEqual(["t0", "t3"]);
});

test("M2 a batch whose transaction lost its answers comes again, and every message of every settled batch is there", async () => {
  const [orders, payments] = [await stage.topic(), await stage.topic()];
  const port = behindProxy();
  const failed: string[] = [];
  let faults = 3;
  await stage.consume(port, {
    group: "m2",
    topic: orders,
    batchSize: 1,
    onBatch: async (batch) => {
      const word = words(batch.messages).join();
      const isFaulty = Number(word) % 3 === 1 && faults > 0;
      if (isFaulty) {
        faults -= 1;
        setTimeout(loseAnswers, faults * 2);
      }
      try {
        await batch.settle([message(payments, `paid ${word}`)]);
      } catch (error) {
        failed.push(word);
        throw error;
      } finally {
        await proxy.set({ mode: "pass" });
      }
    },
  });
  await kafka.send(Array.from({ length: 10 }, (_, at) => message(orders, `${at}`)));
  await stage.untilRead(kafka, "m2", orders, 20_000);
  const paid = words(await stage.read(payments));
  expect([...new Set(paid)]).toEqual(Array.from({ length: 10 }, (_, at) => `paid ${at}`));
  expect(failed.length).toBeGreaterThan(0);
  // Only a batch of unknown outcome may have been sent twice.
  for (const word of paid) if (paid.filter((one) => one === word).length > 1) expect(failed).toContain(word.slice(5));
});

test("M3 a commit without an answer wedges kafkajs's producer for ever; a new one with the same id works at once", async () => {
  const topic = await stage.topic();
  const id = `${stage.prefix}m3`;
  const wedged = await bareProducer(id);
  const transaction = await wedged.transaction();
  await transaction.send({ topic: stage.prefix + topic, messages: [{ value: "t1" }] });
  await loseAnswers();
  await expect(transaction.commit()).rejects.toThrow();
  await proxy.set({ mode: "pass" });
  await expect(transaction.abort()).rejects.toThrow(/once ended|COMMITTING/);
  await expect(wedged.transaction()).rejects.toThrow(/COMMITTING/);
  const fresh = await bareProducer(id, 5);
  const next = await fresh.transaction();
  await next.send({ topic: stage.prefix + topic, messages: [{ value: "t2" }] });
  await next.commit();
  expect(words(await stage.read(topic)).at(-1)).toBe("t2");
});

test("M4 a stranger's offsets are taken in a transaction, and the group's own next batch overwrites them", async () => {
  const topic = await stage.topic();
  await kafka.send([message(topic, "1"), message(topic, "2"), message(topic, "3")]);
  const handled: string[] = [];
  await stage.consume(kafka, {
    group: "m4",
    topic,
    onBatch: async (batch) => {
      await batch.settle([]);
      handled.push(...words(batch.messages));
    },
  });
  await stage.untilRead(kafka, "m4", topic);
  const stranger = await bareProducer(`${stage.prefix}m4-stranger`, 5);
  const transaction = await stranger.transaction();
  await transaction.sendOffsets({
    consumerGroupId: `${stage.prefix}m4`,
    topics: [{ topic: stage.prefix + topic, partitions: [{ partition: 0, offset: "1" }] }],
  });
  await transaction.commit();
  await expect.poll(async () => (await kafka.places("m4", topic))[0]!.committed).toBe(1n);
  await kafka.send([message(topic, "4")]);
  await expect.poll(() => handled).toEqual(["1", "2", "3", "4"]);
});

test("with Kafka away for a while the consumer goes on by itself within 30 s and nothing is missing", async () => {
  const [orders, payments] = [await stage.topic(2), await stage.topic(2)];
  const port = behindProxy();
  await stage.consume(port, {
    group: "away",
    topic: orders,
    onBatch: async (batch) => {
      await batch.settle(words(batch.messages).map((word) => message(payments, word, word)));
    },
  });
  await kafka.send([message(orders, "before", "a")]);
  await stage.untilRead(kafka, "away", orders);
  await proxy.set({ mode: "refuse" });
  await expect(port.send([message(orders, "refused", "b")])).rejects.toThrow();
  await kafka.send([message(orders, "meanwhile", "c")]);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await proxy.set({ mode: "pass" });
  const backMs = performance.now();
  await stage.untilRead(kafka, "away", orders, 30_000);
  expect(performance.now() - backMs).toBeLessThan(30_000);
  expect(words(await stage.read(payments)).sort()).toEqual(["before", "meanwhile"]);
  expect(port.fatal).toEqual([]);
  expect(await port.send([message(orders, "after", "d")])).toHaveLength(1);
});

test("through a slow and shaky network everything arrives once and in order", async () => {
  const [orders, payments] = [await stage.topic(), await stage.topic()];
  const port = stage.open({ dial: () => ({ host: proxy.host, port: proxy.port }) });
  await proxy.set({ mode: "latency", delayMs: 10, jitterMs: 30 });
  await stage.consume(port, {
    group: "shaky",
    topic: orders,
    batchSize: 20,
    onBatch: async (batch) => {
      await batch.settle(words(batch.messages).map((word) => message(payments, word)));
    },
  });
  await kafka.send(Array.from({ length: 60 }, (_, at) => message(orders, `${at}`)));
  await stage.untilRead(kafka, "shaky", orders, 20_000);
  expect(words(await stage.read(payments)).map(Number)).toEqual(Array.from({ length: 60 }, (_, at) => at));
});

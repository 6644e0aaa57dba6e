import { expect, test } from "vitest";
import { topics } from "#contracts/topology";
import { kafkaStage, message, words } from "./kafka-test-stage.ts";
import { createPartitions } from "./kafka-topics.ts";
import { lagOf } from "./kafka-watchdog.ts";

const stage = kafkaStage();
const kafka = stage.open();

test("no key, no value, raw bytes and headers arrive as they were sent: repeated names, in order, whatever they are called", async () => {
  const topic = await stage.topic();
  const bytes = Buffer.from([0, 255, 128, 10, 13, 0]);
  const headers = [
    ["b", Buffer.from("2")],
    ["a", bytes],
    ["b", Buffer.from("1")],
    ["7", Buffer.from("a name like a number")],
    ["a", Buffer.from("second")],
    ["__proto__", Buffer.from("just a name")],
    ["constructor", Buffer.from("just another")],
    ["empty", Buffer.alloc(0)],
  ] as const;
  await kafka.send([
    { topic, key: null, value: bytes, headers },
    { topic, key: Buffer.from("order"), value: null, headers: [] },
    { topic, key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [] },
  ]);
  const sentMs = Date.now();
  const [first, tombstone, empty] = await stage.read(topic);
  expect(first).toMatchObject({ key: null, value: bytes, headers });
  expect(Math.abs(first!.timestampMs - sentMs)).toBeLessThan(10_000);
  expect(tombstone).toMatchObject({ key: Buffer.from("order"), value: null, headers: [] });
  expect(empty).toMatchObject({ key: Buffer.alloc(0), value: Buffer.alloc(0) });
});

test("whoever sends learns where each message lies, in the order given", async () => {
  const [one, other] = [await stage.topic(3), await stage.topic(2)];
  const messages = Array.from({ length: 40 }, (_, at) => message(at % 3 ? one : other, `${at}`, `order ${at % 7}`));
  const positions = [...(await kafka.send(messages.slice(0, 15))), ...(await kafka.send(messages.slice(15)))];
  for (const topic of [one, other]) {
    const lying = new Map(
      (await stage.read(topic)).map((one) => [`${one.partition}/${one.offset}`, String(one.value)]),
    );
    messages.forEach((sent, at) => {
      if (sent.topic === topic)
        expect(lying.get(`${positions[at]!.partition}/${positions[at]!.offset}`)).toBe(String(sent.value));
    });
  }
});

test("a key goes to the partition that every other Kafka client chooses", async () => {
  const partitions = createPartitions(stage.bare(), stage.prefix);
  const topic = await stage.topic(12);
  // toPositive(murmur2(key)) % 12 of the Java client.
  expect(await partitions.choose(topic, Buffer.from("21"))).toBe(((-973932308 & 0x7fffffff) >>> 0) % 12);
  expect(await partitions.choose(topic, Buffer.from("foobar"))).toBe(((-790332482 & 0x7fffffff) >>> 0) % 12);
});

test("a settled batch leaves its messages and its offset, and a group on a topic of transactions has no lag", async () => {
  const [orders, payments] = [await stage.topic(2), await stage.topic(2)];
  await kafka.send(Array.from({ length: 20 }, (_, at) => message(orders, `${at}`, `order ${at}`)));
  await stage.consume(kafka, {
    group: "payment",
    topic: orders,
    batchSize: 3,
    onBatch: async (batch) => {
      const positions = await batch.settle(
        words(batch.messages).map((word) => message(payments, `paid ${word}`, word)),
      );
      expect(positions.every((position) => position !== null)).toBe(true);
    },
  });
  await stage.untilRead(kafka, "payment", orders);
  const paid = await stage.read(payments);
  expect(words(paid).sort()).toEqual(Array.from({ length: 20 }, (_, at) => `paid ${at}`).sort());
  // Control records lie in between and at the end: there are more offsets than payments.
  const places = await kafka.places("nobody", payments);
  expect(Number(places.reduce((sum, place) => sum + lagOf(place), 0n))).toBeGreaterThan(20);
});

test("a group has no lag on a topic that holds nothing but a transaction taken back", async () => {
  const topic = await stage.topic();
  const producer = stage.bare().producer({ transactionalId: `${stage.prefix}doubtful`, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: stage.prefix + topic, messages: [{ value: "never" }] });
  await transaction.abort();
  await producer.disconnect();
  const seen: string[] = [];
  await stage.consume(kafka, {
    group: "patient",
    topic,
    onBatch: async ({ messages }) => void seen.push(...words(messages)),
  });
  await stage.untilRead(kafka, "patient", topic);
  expect(seen).toEqual([]);
});

test("a batch that throws comes again from its first record while other partitions go on", async () => {
  const topic = await stage.topic(2);
  const partitions = createPartitions(stage.bare(), stage.prefix);
  const keys = ["a", "b", "c", "d", "e", "f"];
  const [left, right] = await Promise.all(
    [0, 1].map(async (wanted) => {
      for (const key of keys) if ((await partitions.choose(topic, Buffer.from(key))) === wanted) return key;
      throw new Error("no key for this partition");
    }),
  );
  const tries: string[][] = [];
  const done: string[] = [];
  await kafka.send([message(topic, "l1", left), message(topic, "l2", left), message(topic, "r1", right)]);
  await stage.consume(kafka, {
    group: "stubborn",
    topic,
    onBatch: async (batch) => {
      const batchWords = words(batch.messages);
      if (batch.partition === 0) {
        tries.push(batchWords);
        if (tries.length < 3) throw new Error("the database is away");
      }
      await batch.settle([]);
      done.push(...batchWords);
    },
  });
  await stage.untilRead(kafka, "stubborn", topic);
  expect(tries).toEqual([
    ["l1", "l2"],
    ["l1", "l2"],
    ["l1", "l2"],
  ]);
  await expect.poll(() => done).toEqual(["r1", "l1", "l2"]);
});

test("what a batch settled before a later one failed does not come again", async () => {
  const topic = await stage.topic();
  await kafka.send(["1", "2", "3", "4", "5"].map((word) => message(topic, word)));
  const handled: string[] = [];
  let outages = 1;
  await stage.consume(kafka, {
    group: "slices",
    topic,
    batchSize: 2,
    onBatch: async (batch) => {
      handled.push(words(batch.messages).join(" "));
      if (handled.length === 2 && outages-- > 0) throw new Error("the database is away");
      await batch.settle([]);
    },
  });
  await stage.untilRead(kafka, "slices", topic);
  expect(handled).toEqual(["1 2", "3 4", "3 4", "5"]);
});

test("batches of a partition come one after the other, at most 200 records each, several partitions at a time", async () => {
  const topic = await stage.topic(4);
  await kafka.send(Array.from({ length: 2_000 }, (_, at) => message(topic, `${at}`, `order ${at % 50}`)));
  const busy = new Set<number>();
  const sizes: number[] = [];
  const last = new Map<number, bigint>();
  let most = 0;
  await stage.consume(kafka, {
    group: "counting",
    topic,
    partitionsAtOnce: 3,
    onBatch: async (batch) => {
      expect(busy.has(batch.partition)).toBe(false);
      busy.add(batch.partition);
      most = Math.max(most, busy.size);
      for (const { offset } of batch.messages) {
        expect(BigInt(offset)).toBe((last.get(batch.partition) ?? -1n) + 1n);
        last.set(batch.partition, BigInt(offset));
      }
      sizes.push(batch.messages.length);
      await batch.settle([]);
      busy.delete(batch.partition);
    },
  });
  await stage.untilRead(kafka, "counting", topic);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2_000);
  expect(Math.max(...sizes)).toBe(200);
  expect(most).toBe(3);
});

test("a wrong topic name is an error and makes no topic", async () => {
  await expect(kafka.send([message("order.evnts", "lost?")])).rejects.toThrow(/order\.evnts/);
  await expect(kafka.consume({ group: "wrong", topic: "order.evnts", onBatch: async () => {} })).rejects.toThrow(
    /order\.evnts/,
  );
  const admin = stage.bare().admin();
  await admin.connect();
  expect((await admin.listTopics()).filter((name) => name.includes("evnts"))).toEqual([]);
  await admin.disconnect();
  // The port is none the worse for it.
  const topic = await stage.topic();
  expect(await kafka.send([message(topic, "found")])).toEqual([{ partition: 0, offset: "0" }]);
});

test("a dead letter that is larger than any event may be is taken and read", async () => {
  const { name } = topics.deadLetters;
  await kafka.ensureTopics([topics.deadLetters], { replication: 1 });
  const value = Buffer.alloc(3_000_000, "x");
  await kafka.send([{ topic: name, key: null, value, headers: [] }]);
  const [letter] = await stage.read(name);
  expect(letter!.value!.equals(value)).toBe(true);
});

test("making topics twice changes nothing, and another number of partitions is refused", async () => {
  const name = await stage.topic(3);
  await kafka.ensureTopics([{ name, partitions: 3 } as never], { replication: 1 });
  await expect(kafka.ensureTopics([{ name, partitions: 5 } as never], { replication: 1 })).rejects.toThrow(
    /has 3 partitions instead of 5/,
  );
  const admin = stage.bare().admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: stage.prefix + name, configNames: ["retention.ms", "min.insync.replicas"] }],
  });
  await admin.disconnect();
  const settings = Object.fromEntries(resources[0]!.configEntries.map((one) => [one.configName, one.configValue]));
  expect(settings).toEqual({ "retention.ms": "604800000", "min.insync.replicas": "1" });
});

import type { Kafka } from "kafkajs";
import { expect, test } from "vitest";
import { createKafkaObserver } from "./kafka-observe.ts";
import { kafkaStage, message } from "./kafka-test-stage.ts";

const stage = kafkaStage();
const kafka = stage.open();
const observer = createKafkaObserver({ brokers: [`${stage.broker.host}:${stage.broker.port}`], clientId: "observer" });
stage.closing.push(() => observer.close());

/** What is seen of a group on a topic, names without the stage's prefix. */
async function seen(group: string, topic: string) {
  const { groups } = await observer.observe();
  return groups.find((one) => one.group === stage.prefix + group && one.topic === stage.prefix + topic);
}
/** Sends words in a transaction of their own, which leaves a marker behind them. */
async function sendInTransaction(client: Kafka, topic: string, words: string[], { isAborted = false } = {}) {
  const producer = client.producer({ transactionalId: `${stage.prefix}tx-${topic}`, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: stage.prefix + topic, messages: words.map((value) => ({ value, partition: 0 })) });
  await (isAborted ? transaction.abort() : transaction.commit());
  await producer.disconnect();
}
const commit = async (group: string, topic: string, offset: string) => {
  const admin = stage.bare().admin();
  await admin.connect();
  await admin.setOffsets({
    groupId: stage.prefix + group,
    topic: stage.prefix + topic,
    partitions: [{ partition: 0, offset }],
  });
  await admin.disconnect();
};

test("A2: a group that has read all of a topic of transactions has no lag, whoever commits", async () => {
  const topic = await stage.topic();
  await sendInTransaction(stage.bare(), topic, ["one", "two"]);
  await sendInTransaction(stage.bare(), topic, ["taken back"], { isAborted: true });
  // Two records, a marker, one aborted record, a marker: a foreign client commits what is behind its last record.
  await commit("foreign", topic, "2");
  // The end moves when the coordinator has written its marker, a moment after it answered the commit.
  await expect.poll(() => seen("foreign", topic)).toMatchObject({ committed: [5n], ends: [5n], firstUnreadMs: [null] });
  await sendInTransaction(stage.bare(), topic, ["three"]);
  await expect.poll(() => seen("foreign", topic)).toMatchObject({ committed: [2n], ends: [7n] });
});

test("A2: records that the broker has thrown away are no lag, and a topic that is gone leaves none", async () => {
  const topic = await stage.topic();
  // A port of its own: a producer that once sent to a topic asks for it for ever.
  await stage.open().send(Array.from({ length: 10 }, (_, at) => message(topic, `${at}`)));
  await commit("late", topic, "2");
  const admin = stage.bare().admin();
  await admin.connect();
  await admin.fetchTopicOffsets(stage.prefix + topic);
  await admin.deleteTopicRecords({ topic: stage.prefix + topic, partitions: [{ partition: 0, offset: "6" }] });
  const other = createKafkaObserver({ brokers: [`${stage.broker.host}:${stage.broker.port}`], clientId: "other" });
  stage.closing.push(() => other.close());
  const { groups } = await other.observe();
  expect(groups.find((one) => one.group === `${stage.prefix}late`)).toMatchObject({
    committed: [2n],
    starts: [6n],
    ends: [10n],
  });
  await admin.deleteTopics({ topics: [stage.prefix + topic] });
  await admin.disconnect();
  await expect.poll(() => seen("late", topic), { timeout: 15_000 }).toBeUndefined();
});

test("A4: the age of the first unread record is its own, not the newest's", async () => {
  const topic = await stage.topic();
  const beforeMs = Date.now();
  await kafka.send([message(topic, "first")]);
  const afterMs = Date.now();
  // So that the second one is later for certain.
  await expect.poll(() => Date.now()).toBeGreaterThan(afterMs + 10);
  await kafka.send([message(topic, "second")]);
  await commit("behind", topic, "0");
  // It looks at a few records of all groups at a time.
  const firstUnread = async () => (await seen("behind", topic))!.firstUnreadMs[0] ?? null;
  await expect.poll(firstUnread).not.toBeNull();
  expect(await firstUnread()).toBeGreaterThanOrEqual(beforeMs);
  expect(await firstUnread()).toBeLessThanOrEqual(afterMs);
});

test("a group that runs shows who owns which partition, and that it never committed", async () => {
  const topic = await stage.topic(2);
  await kafka.send([message(topic, "unread")]);
  const consumer = await kafka.consume({ group: "busy", topic, onBatch: () => new Promise(() => {}) });
  stage.closing.push(() => Promise.race([consumer.stop(), Promise.resolve()]));
  await expect
    .poll(() => seen("busy", topic), { timeout: 15_000 })
    .toMatchObject({
      state: "Stable",
      members: 1,
      committed: [-1n, -1n],
      owners: [expect.stringMatching(/^tests@/), expect.stringMatching(/^tests@/)],
    });
});

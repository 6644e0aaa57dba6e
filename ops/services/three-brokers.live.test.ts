import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { topics } from "#contracts/topology";
import { createKafka } from "#server/messaging/kafka";
import { type OwnKafka, startKafka } from "./kafka.ts";

const dir = mkdtempSync(join(tmpdir(), "three-brokers-"));
const prefix = "three.";
const topic = prefix + topics.orderEvents.name;
let kafka: OwnKafka;

beforeAll(async () => {
  kafka = await startKafka({ dir, port: 28_392, brokers: 3, heapMb: 192 });
  const port = createKafka({ brokers: kafka.brokers, clientId: "test", prefix, onFatal: () => {} });
  await port.ensureTopics(Object.values(topics), { replication: 3 });
  await port.close();
});
afterAll(async () => {
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const client = () => new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });

/** Sends one message to every partition, each to be written by all replicas in sync. */
async function sendToAll(value: string): Promise<void> {
  const producer = client().producer();
  await producer.connect();
  const messages = Array.from({ length: topics.orderEvents.partitions }, (_, partition) => ({ partition, value }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

async function highWatermarks(): Promise<number[]> {
  const admin = client().admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.map(({ high }) => Number(high));
}

test("every topic of ours and of Kafka's own has three copies", async () => {
  const admin = client().admin();
  await admin.connect();
  const wanted = [
    ...Object.values(topics).map(({ name }) => prefix + name),
    "__consumer_offsets",
    "__transaction_state",
  ];
  const described = await admin.fetchTopicMetadata({ topics: wanted });
  await admin.disconnect();
  expect(described.topics).toHaveLength(wanted.length);
  for (const { partitions } of described.topics)
    for (const { replicas } of partitions) expect(replicas).toHaveLength(3);
});

test("orders go on with one broker killed, and nothing sent is lost when it comes back", async () => {
  await sendToAll("before");
  await kafka.kill(2);
  await sendToAll("with two brokers");
  await kafka.restart();
  await sendToAll("after");
  expect(await highWatermarks()).toEqual(Array(topics.orderEvents.partitions).fill(3));
}, 90_000);

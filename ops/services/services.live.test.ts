import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import amqp from "amqplib";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OwnKafka, startKafka } from "./kafka.ts";
import { type OwnRabbit, startRabbit } from "./rabbitmq.ts";

/** A JVM or an Erlang node that recovers its files while other tests run. */
const RECOVERY_MS = 90_000;
const dir = mkdtempSync(join(tmpdir(), "services-"));
let kafka: OwnKafka;
let rabbit: OwnRabbit;

beforeAll(async () => {
  kafka = await startKafka({ dir: join(dir, "kafka"), port: 28_292, heapMb: 256 });
  rabbit = await startRabbit({
    dir: join(dir, "rabbitmq"),
    port: 25_873,
    vhost: "services",
    user: "services",
    password: randomUUID(),
  });
});
afterAll(async () => {
  await Promise.all([kafka?.stop(), rabbit?.stop()]);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const client = () => new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });

test("a topic and its messages outlive kill -9 of Kafka", { timeout: RECOVERY_MS }, async () => {
  const admin = client().admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: "kept", numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = client().producer();
  await producer.connect();
  await producer.send({ topic: "kept", messages: [{ value: "a" }, { value: "b" }] });
  await producer.disconnect();

  await kafka.kill();
  await kafka.restart();

  const after = client().admin();
  await after.connect();
  const [partition] = await after.fetchTopicOffsets("kept");
  await after.disconnect();
  expect(partition?.high).toBe("2");
});

test("Kafka makes no topic because somebody misspelt one", async () => {
  const admin = client().admin();
  await admin.connect();
  await expect(admin.fetchTopicMetadata({ topics: ["misspelt"] })).rejects.toThrow();
  expect(await admin.listTopics()).not.toContain("misspelt");
  await admin.disconnect();
});

test("a confirmed message in a durable queue outlives kill -9 of RabbitMQ", { timeout: RECOVERY_MS }, async () => {
  const connection = await amqp.connect(rabbit.url);
  connection.on("error", () => {});
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  await channel.assertQueue("kept", { durable: true });
  channel.sendToQueue("kept", Buffer.from("a"), { persistent: true });
  await channel.waitForConfirms();
  // RabbitMQ 3 writes what a queue *is* a few seconds later than what is in it.
  rabbit.ctl(["eval", "mnesia:sync_log()."]);

  await rabbit.kill();
  await rabbit.restart();

  const again = await amqp.connect(rabbit.url);
  const reader = await again.createChannel();
  const got = await reader.get("kept", { noAck: true });
  await again.close();
  expect(got ? got.content.toString() : "nothing").toBe("a");
});

test("asking for a cluster that runs already finds it", async () => {
  const same = await startKafka({ dir: join(dir, "kafka"), port: 28_292, heapMb: 256 });
  expect(same.brokers).toEqual(kafka.brokers);
});

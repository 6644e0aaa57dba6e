import { randomBytes } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, expect } from "vitest";
import { testEnvironment } from "#server/platform/test-database";
import type { KafkaBatch, KafkaMessage } from "./broker.ts";
import { createKafka, type KafkaOptions, type KafkaPort } from "./kafka.ts";
import type { ConsumeOptions } from "./kafka-consumer.ts";
import { lagOf } from "./kafka-watchdog.ts";

export type TestRecord = KafkaBatch["messages"][number] & { partition: number };

/**
 * Ports to the tests' Kafka under a prefix of the file's own, and a few ways to look at it. Everything is closed after
 * the file's last test.
 */
export function kafkaStage() {
  testEnvironment();
  const brokers = process.env.KAFKA_BROKERS!.split(",");
  const prefix = `t${randomBytes(4).toString("hex")}.`;
  const closing: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });
  const [host, port] = brokers[0]!.split(":") as [string, string];
  let topics = 0;

  const stage = {
    prefix,
    broker: { host, port: Number(port) },
    /** Closed, whatever happens, after the file. */
    closing,
    /** A port whose fatal errors are kept. */
    open(options: Partial<KafkaOptions> = {}): KafkaPort & { fatal: Error[] } {
      const fatal: Error[] = [];
      const onFatal = (error: Error) => fatal.push(error);
      const kafka = createKafka({ brokers, clientId: "tests", prefix, onFatal, ...options });
      closing.push(() => kafka.close());
      return Object.assign(kafka, { fatal });
    },
    /** kafkajs as it comes, for what it does by itself. */
    bare: (options: Partial<ConstructorParameters<typeof Kafka>[0]> = {}) =>
      new Kafka({ brokers, clientId: "bare", logLevel: logLevel.NOTHING, ...options }),
    async topic(partitions = 1): Promise<string> {
      const name = `topic-${++topics}`;
      await stage.open().ensureTopics([{ name, partitions } as never], { replication: 1 });
      return name;
    },
    /** Consumes until the file ends or it is stopped. */
    async consume(kafka: KafkaPort, options: Omit<ConsumeOptions, "group"> & { group?: string }) {
      const consumer = await kafka.consume({ group: `group-${randomBytes(3).toString("hex")}`, ...options });
      closing.push(() => consumer.stop());
      return consumer;
    },
    /** Every committed record of a topic, in order per partition. */
    async read(topic: string): Promise<TestRecord[]> {
      const kafka = stage.open();
      const group = `reader-${randomBytes(3).toString("hex")}`;
      const records: TestRecord[] = [];
      const consumer = await kafka.consume({
        group,
        topic,
        async onBatch(batch) {
          await batch.settle([]);
          records.push(...batch.messages.map((message) => ({ ...message, partition: batch.partition })));
        },
      });
      await stage.untilRead(kafka, group, topic);
      await consumer.stop();
      return records;
    },
    async untilRead(kafka: KafkaPort, group: string, topic: string, timeout = 10_000): Promise<void> {
      await expect
        .poll(async () => (await kafka.places(group, topic)).reduce((sum, place) => sum + lagOf(place), 0n), {
          timeout,
        })
        .toBe(0n);
    },
  };
  return stage;
}

/** A message of one word. */
export const message = (topic: string, value: string, key: string | null = "order"): KafkaMessage => ({
  topic,
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: [],
});

export const words = (records: readonly { value: Buffer | null }[]): string[] =>
  records.map(({ value }) => String(value));

import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { deadLetterQueueName, queues, topics } from "#contracts/topology";
import type { KafkaMessage } from "#server/messaging/broker";
import { failureHeaders, failureOf, originHeaders } from "#server/messaging/failure";
import { createKafka } from "#server/messaging/kafka";
import { asHeaders } from "#server/messaging/kafka-message";
import { lagOf } from "#server/messaging/kafka-watchdog";
import { rabbitTestBroker } from "#server/messaging/rabbit-test-broker";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { type CollectorOptions, startCollector } from "./collect-dead-letters.ts";

/** The names of all dead-letter queues. */
export const deadLetterQueues = Object.values(queues)
  .filter((family) => !("bestEffort" in family))
  .map(deadLetterQueueName);

/** A message for a dead-letter queue; the rest are AMQP properties. */
export type Buried = { value: Buffer; messageId?: string; headers?: Record<string, unknown>; contentType?: string };

const main = fileURLToPath(new URL("../../workers/main.ts", import.meta.url));

/** A database, a RabbitMQ that may be killed, and Kafka for a test file of collectors. Call it once, at the top. */
export function collectorStage() {
  testDatabase();
  const broker = rabbitTestBroker();

  return {
    broker,
    /** Empty tables, queues and topics of the test's own, and ways to fill and to look at them. */
    async open() {
      await db.rows(sql`TRUNCATE dead_letter_groups, dead_letters, dead_letter_deaths, dead_letter_copies CASCADE`);
      const prefix = `t${randomBytes(4).toString("hex")}.`;
      const kafka = createKafka({ brokers: env().KAFKA_BROKERS, clientId: "collector-tests", prefix, onFatal() {} });
      onTestFinished(() => kafka.close());
      await kafka.ensureTopics([topics.deadLetters], { replication: 1 });
      const { rabbit, url, vhost } = await broker.port();

      return {
        prefix,
        rabbit,
        url,
        vhost,
        /** Puts messages among the dead of a queue, as anybody could: also without an id. */
        async bury(queue: string, letters: readonly Buried[]) {
          const channel = await broker.bareChannel(url);
          for (const { value, ...options } of letters)
            channel.sendToQueue(queue, value, { persistent: true, ...options });
          await channel.waitForConfirms();
        },
        /** Puts records into the dead-letter topic. */
        async buryInKafka(letters: readonly Omit<KafkaMessage, "topic">[]) {
          for (let start = 0; start < letters.length; start += 500)
            await kafka.send(
              letters.slice(start, start + 500).map((one) => ({ ...one, topic: topics.deadLetters.name })),
            );
        },
        /** Collects in this process until the test ends, or is stopped. */
        async collect(options: Partial<CollectorOptions> = {}) {
          const collector = await startCollector({
            rabbit,
            kafka,
            consumerOfQueue: new Map([["email", "send-email"]]),
            ...options,
          });
          onTestFinished(() => collector.stop());
          return collector;
        },
        /** Collects in a process of its own. */
        start(settings: Record<string, string> = {}) {
          const child: ChildProcess = fork(main, ["collect-dead-letters"], {
            env: { ...process.env, RABBITMQ_URL: url, TOPIC_PREFIX: prefix, ...settings },
            stdio: ["ignore", "ignore", "inherit", "ipc"],
          });
          onTestFinished(() => void child.kill("SIGKILL"));
          const ended = new Promise<string | number | null>((resolve) =>
            child.once("exit", (code, signal) => resolve(signal ?? code)),
          );
          const ready = new Promise((resolve) => child.once("message", resolve));
          return {
            pid: child.pid!,
            ended,
            /** Lets it finish what it has in hand. Kafka lets it join only when the session of the one before has ended. */
            async stop() {
              await ready;
              child.kill("SIGTERM");
              expect(await ended).toBe(0);
            },
          };
        },
        /** Messages ready in all dead-letter queues: all of them, when nobody collects. */
        async inQueues(): Promise<number> {
          const depths = await Promise.all(deadLetterQueues.map((queue) => rabbit.depth(queue)));
          return depths.reduce((sum, depth) => sum + depth!.ready, 0);
        },
        /** Records in the topic that the collector has not committed. */
        async inTopic(): Promise<number> {
          const places = await kafka.places("collect-dead-letters", topics.deadLetters.name);
          return Number(places.reduce((sum, place) => sum + lagOf(place), 0n));
        },
      };
    },
  };
}

/** Letters and deaths in the store. */
export async function stored(): Promise<{ letters: number; deaths: number }> {
  const [counts] = await db.rows<{ letters: number; deaths: number }>(sql`
    SELECT (SELECT count(*) FROM dead_letters) AS letters, (SELECT count(*) FROM dead_letter_deaths) AS deaths`);
  return counts!;
}

/** Waits until the store has so many letters. */
export const untilStored = (letters: number, timeout = 20_000) =>
  expect.poll(async () => (await stored()).letters, { timeout, interval: 50 }).toBe(letters);

/** An event as a worker would send it. */
const envelope = (id: string) =>
  Buffer.from(JSON.stringify({ id, type: "order.placed", version: 1, orderId: randomUUID(), seq: 1, data: {} }));
/** Messages with ids of their own. */
export const withId = (count: number): Buried[] =>
  Array.from({ length: count }, () => randomUUID()).map((messageId) => ({ messageId, value: envelope(messageId) }));

/** What a worker leaves with a letter that it gave up on. */
export const marks = (message: string, error = new Error(message)) =>
  failureHeaders(failureOf(error, { worker: "charge-payment", attempts: 3 }));
/** Where on Kafka it was read. */
const position = (offset: number) => originHeaders({ topic: "order.events", partition: 1, offset: String(offset) });
/** Records of workers that gave up, with what each had to say. */
export const inKafka = (count: number, say: (index: number) => string = () => "card declined") =>
  Array.from({ length: count }, (_, index) => {
    const id = randomUUID();
    return {
      key: Buffer.from(id),
      value: envelope(id),
      headers: asHeaders({ ...marks(say(index)), ...position(index) }),
    };
  });

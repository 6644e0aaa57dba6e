import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { type OwnKafka, startKafka } from "#ops/services/kafka";
import type { KafkaPort } from "./kafka.ts";
import { kafkaStage, message, words } from "./kafka-test-stage.ts";

/** A Kafka of its own, because it is killed. */
const PORT = 29_492;
const stage = kafkaStage();
let broker: OwnKafka;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), "kafka-outage-"));
  broker = await startKafka({ dir, port: PORT, heapMb: 384 });
  // Closed last: whoever still talks to it can say goodbye.
  stage.closing.push(async () => {
    await broker.stop();
    await rm(dir, { recursive: true, force: true });
  });
});

test("Kafka killed under load and started again: consumers and senders go on by themselves within 30 s, nothing acknowledged is lost", async () => {
  const kafka = stage.open({ brokers: broker.brokers });
  const [orders, payments] = ["orders", "payments"];
  await kafka.ensureTopics([{ name: orders, partitions: 6 } as never, { name: payments, partitions: 6 } as never], {
    replication: 1,
  });
  const handled = new Set<string>();
  await stage.consume(kafka, {
    group: "payment",
    topic: orders,
    onBatch: async (batch) => {
      for (const word of words(batch.messages)) handled.add(word);
      await batch.settle(words(batch.messages).map((word) => message(payments, word, word)));
    },
  });
  const sender = keepSending(kafka, orders);
  await expect.poll(() => handled.size).toBeGreaterThan(20);

  await broker.kill();
  const [ackedBefore, handledBefore] = [sender.acknowledged.length, handled.size];
  await wait(3_000);
  await broker.restart();

  await expect.poll(() => sender.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(ackedBefore + 20);
  await expect.poll(() => handled.size, { timeout: 30_000 }).toBeGreaterThan(handledBefore + 20);
  await sender.stop();
  await stage.untilRead(kafka, "payment", orders, 20_000);
  const paid = new Set<string>();
  await stage.consume(kafka, {
    group: "reader",
    topic: payments,
    onBatch: async (batch) => {
      for (const word of words(batch.messages)) paid.add(word);
      await batch.settle([]);
    },
  });
  await stage.untilRead(kafka, "reader", payments, 20_000);
  expect(sender.acknowledged.filter((word) => !handled.has(word))).toEqual([]);
  expect(sender.acknowledged.filter((word) => !paid.has(word))).toEqual([]);
  expect(kafka.fatal).toEqual([]);
}, 90_000);

/** One message after the other, as the relay would: what fails is sent again under the same word. */
function keepSending(kafka: KafkaPort, topic: string) {
  const acknowledged: string[] = [];
  let isRunning = true;
  const sending = (async () => {
    for (let next = 0; isRunning; ) {
      const word = `order ${next}`;
      try {
        await kafka.send([message(topic, word, word)]);
        acknowledged.push(word);
        next += 1;
        await wait(5);
      } catch {
        await wait(200);
      }
    }
  })();
  return {
    acknowledged,
    async stop() {
      isRunning = false;
      await sending;
    },
  };
}

import { v7 as uuidv7 } from "uuid";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { event } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import type { KafkaBatch, KafkaMessage } from "./broker.ts";
import type { KafkaPort } from "./kafka.ts";
import type { ConsumeOptions } from "./kafka-consumer.ts";
import { runKafkaWorker } from "./run-kafka-worker.ts";
import { plantedOrder, plantOrder } from "./test-order.ts";
import { worker } from "./worker.ts";

testDatabase();

const asked = event("test.asked", { version: 1, body: { note: z.string() } });
const answered = event("test.answered", { version: 1, body: { note: z.string() } });
for (const contract of [asked, answered]) (contractsByType as Map<string, unknown>).set(contract.type, contract);

const runs: string[][] = [];
beforeEach(() => {
  runs.length = 0;
});

/** Answers every question, and can't bear one. */
const answerer = worker({
  name: "answerer",
  on: [asked],
  emits: [answered],
  retry: { delaysMs: [] },
  async record(work, { emit }) {
    runs.push(work.map(({ message }) => message.data.note));
    if (work.some(({ message }) => message.data.note === "unbearable")) throw new Error("can't bear it");
    for (const { message } of work) emit(answered, message, { note: message.data.note, order: plantedOrder });
  },
});

async function question(note: string): Promise<KafkaBatch["messages"][number]> {
  const orderId = await plantOrder();
  const envelope = {
    id: uuidv7(),
    type: asked.type,
    version: 1,
    orderId,
    seq: 1,
    occurredAt: new Date().toISOString(),
    source: "test",
    correlationId: orderId,
    causationId: null,
    data: { note, order: plantedOrder },
  };
  return {
    key: Buffer.from(orderId),
    value: Buffer.from(JSON.stringify(envelope)),
    headers: [["event-type", Buffer.from(asked.type)]],
    offset: "1",
    timestampMs: Date.now(),
  };
}

const handTogether = async (notes: string[][], brokenPartition?: number) =>
  handMessages(await Promise.all(notes.map((own) => Promise.all(own.map(question)))), brokenPartition);

/** Hands batches to the worker as Kafka would, a partition each, all at the same time. @returns what each settled with. */
async function handMessages(messages: KafkaBatch["messages"][], brokenPartition?: number) {
  let options: ConsumeOptions | undefined;
  const kafka = {
    async consume(given: ConsumeOptions) {
      options = given;
      return { stop: async () => {} };
    },
  } as unknown as KafkaPort;
  await runKafkaWorker(answerer, kafka, async (asks) => asks.map(() => null));
  return Promise.allSettled(
    messages.map(async (own, partition) => {
      let settled: readonly KafkaMessage[] = [];
      const settle = async (all: KafkaMessage[]) => {
        if (partition === brokenPartition) throw new Error("Kafka is away");
        settled = all;
        return all.map((_, index) => ({ partition, offset: String(index) }));
      };
      await options!.onBatch({ topic: topics.orderEvents.name, partition, messages: own, settle });
      return settled.map(({ topic, value }) => {
        const { type, data } = JSON.parse(String(value));
        return `${topic} ${type} ${data.note}`;
      });
    }),
  );
}

const fulfilled = (...lines: string[]) => ({ status: "fulfilled", value: lines });

test("partitions share a database transaction, and each sends what its own messages led to", async () => {
  const settled = await handTogether([["a", "b"], ["c"], ["d"]]);
  expect(runs).toEqual([["a", "b", "c", "d"]]);
  expect(settled).toEqual([
    fulfilled("order.events test.answered a", "order.events test.answered b"),
    fulfilled("order.events test.answered c"),
    fulfilled("order.events test.answered d"),
  ]);
});

test("orders of several partitions are worked on in the order of their ids, so that two workers can't wait in a circle", async () => {
  const batches = await Promise.all([["first placed"], ["second placed"]].map((own) => Promise.all(own.map(question))));
  await handMessages(batches.toReversed());
  expect(runs).toEqual([["first placed", "second placed"]]);
});

test("a message that fails becomes the dead letter of its own partition, and fails no neighbour", async () => {
  const settled = await handTogether([["e"], ["unbearable", "f"]]);
  expect(settled).toEqual([
    fulfilled("order.events test.answered e"),
    fulfilled("order.events test.answered f", "order.events.dlt test.asked unbearable"),
  ]);
});

test("a partition that Kafka does not take comes again alone; the others' events are marked as sent", async () => {
  const settled = await handTogether([["g"], ["h"]], 1);
  expect(settled).toMatchObject([fulfilled("order.events test.answered g"), { status: "rejected" }]);
  const rows = await db.rows<{ note: string; isSent: boolean }>(sql`
    SELECT data ->> 'note' AS note, sent_at IS NOT NULL AS "isSent" FROM outbox
     WHERE data ->> 'note' IN ('g', 'h') ORDER BY note`);
  expect(rows).toEqual([
    { note: "g", isSent: true },
    { note: "h", isSent: false },
  ]);
});

test("no more than 200 messages share a transaction", async () => {
  const notes = (name: string) => Array.from({ length: 80 }, (_, index) => `${name}${index}`);
  await handTogether([notes("x"), notes("y"), notes("z")]);
  expect(runs.map((run) => run.length).toSorted((a, b) => b - a)).toEqual([160, 80]);
});

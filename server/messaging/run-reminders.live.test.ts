import { v7 as uuidv7 } from "uuid";
import { expect, onTestFinished, test } from "vitest";
import { deliveryCheck } from "#contracts/messages/orders";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { startReminders } from "./run-reminders.ts";
import { brief, Hopeless, type WorkerDefinition, worker } from "./worker.ts";

testDatabase();

const reminded = (name: string, reach: () => Promise<unknown>): WorkerDefinition =>
  worker({ name, on: [deliveryCheck], emits: [], retry: brief, timeoutMs: 60_000, reach, record: async () => {} });

/** Leaves a note that is due to a worker. */
async function remind(consumer: string): Promise<void> {
  const [id, orderId] = [uuidv7(), uuidv7()];
  const envelope = {
    ...{ id, type: deliveryCheck.type, version: 1, orderId, seq: 1, occurredAt: new Date().toISOString() },
    ...{ source: "test", correlationId: orderId, causationId: null, data: { carrierId: "c", checks: 0 } },
  };
  await db.rows(sql`
    INSERT INTO reminders (consumer, message_id, due_at, value, headers)
    VALUES (${consumer}, ${id}::uuid, now(), ${Buffer.from(JSON.stringify(envelope))}, '[]')`);
}

test("a worker whose partner hangs, and one that fails, hold up the reminders of no other", async () => {
  const { promise: hanging, resolve: answer } = Promise.withResolvers<void>();
  const asked: string[] = [];
  const slow = reminded("slow", () => {
    asked.push("slow");
    return hanging;
  });
  // It gives up, and its dead letter can't leave.
  const broken = reminded("broken", () => Promise.reject(new Hopeless("never")));
  const quick = reminded("quick", async () => void asked.push("quick"));
  await Promise.all([remind("slow"), remind("broken"), remind("quick")]);
  const kafka = { send: () => Promise.reject(new Error("Kafka is away")) };
  const publishFor = () => async (asks: readonly unknown[]) => asks.map(() => null);
  const reminders = startReminders([slow, broken, quick], kafka, publishFor);
  onTestFinished(() => reminders.stop());
  onTestFinished(() => answer());

  await expect.poll(() => asked.toSorted()).toEqual(["quick", "slow"]);
  await remind("quick");
  await expect.poll(() => asked.toSorted()).toEqual(["quick", "quick", "slow"]);
  answer();
  await remind("slow");
  await expect.poll(() => asked.filter((one) => one === "slow")).toHaveLength(2);
});

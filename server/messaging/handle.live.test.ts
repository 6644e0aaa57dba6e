import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { command, event } from "#contracts/message";
import { queues } from "#contracts/topology";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { OutcomeUnknown } from "./broker.ts";
import { retryReminder } from "./dead-letter.ts";
import { type Delivery, type HandleOptions, handle } from "./handle.ts";
import { plantedOrder, plantOrder } from "./test-order.ts";
import { ask, brief, type WorkerDefinition, worker } from "./worker.ts";

testDatabase();

const noted = event("test.noted", { version: 1, body: { note: z.string() } });
const wished = command("test.wish", { version: 1, queue: queues.label, body: z.object({}) });

const options: HandleOptions = {
  publish: async (asks) => asks.map(() => null),
  relayAfterMs: 10_000,
};

function delivery(orderId: string, note = "fine"): Delivery {
  const message = {
    id: uuidv7(),
    type: noted.type,
    version: 1,
    orderId,
    seq: 1,
    occurredAt: new Date().toISOString(),
    source: "test",
    correlationId: orderId,
    causationId: null,
    data: { note, order: plantedOrder },
  };
  const raw = { key: Buffer.from(orderId), value: Buffer.from(JSON.stringify(message)), headers: [] };
  return { message, raw, attempts: 0, position: { topic: "order.events", partition: 0, offset: "7" } } as Delivery;
}

const history = (orderId: string) =>
  db.rows<{ seq: number; type: string; causation_id: string }>(
    sql`SELECT seq, type, causation_id FROM outbox WHERE key = ${orderId} ORDER BY seq`,
  );

/** Says the same note again for each it hears; fails on "bad". */
const echo = (more: Partial<WorkerDefinition> = {}): WorkerDefinition => ({
  ...worker({
    name: `echo-${uuidv7()}`,
    on: [noted],
    emits: [noted],
    retry: brief,
    async record(work, { emit }) {
      for (const { message } of work) {
        if (message.data.note === "bad") throw new Error("this note can't be recorded");
        emit(noted, message, message.data);
      }
    },
  }),
  ...more,
});

describe("a batch of messages", () => {
  test("a message that is delivered 100 times at once takes effect once", async () => {
    const one = delivery(await plantOrder());
    const repeat = echo();
    const runs = await Promise.all(Array.from({ length: 100 }, () => handle(repeat, [one], options)));
    expect(runs.flatMap((run) => run.failed)).toEqual([]);
    expect(await history(one.message.orderId)).toEqual([{ seq: 2, type: "test.noted", causation_id: one.message.id }]);
  });

  test("a message that can't be recorded fails alone; its neighbours are recorded", async () => {
    const orderId = await plantOrder();
    const batch = [delivery(orderId), delivery(orderId, "bad"), delivery(orderId)];
    const { failed, emitted } = await handle(echo(), batch, options);
    expect(failed.map(({ delivery: one }) => one)).toEqual([batch[1]]);
    expect(emitted.map((row) => row.causationId)).toEqual([batch[0]!.message.id, batch[2]!.message.id]);
  });

  test("the events of an order are numbered without a gap, whoever emits them at the same time", async () => {
    const orderId = await plantOrder();
    await Promise.all(Array.from({ length: 20 }, () => handle(echo(), [delivery(orderId)], options)));
    expect((await history(orderId)).map((row) => row.seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  });

  test("a message whose outside world fails comes back as a reminder, its bytes unchanged", async () => {
    const one = delivery(await plantOrder());
    const careful = echo({ reach: () => Promise.reject(new Error("provider is away")) });
    const retryOf: HandleOptions["retryOf"] = (failed) => retryReminder(careful, failed, 1);
    const { failed } = await handle(careful, [one], { ...options, retryOf });
    expect(failed).toHaveLength(1);
    const [reminder] = await db.rows<{ attempts: number; last_error: string; value: Buffer }>(
      sql`SELECT attempts, last_error, value FROM reminders WHERE consumer = ${careful.name}`,
    );
    expect(reminder).toEqual({ attempts: 1, last_error: "Error: provider is away", value: one.raw.value });
    expect(await history(one.message.orderId)).toEqual([]);
  });

  test("the outside world is not asked again for what the inbox knows", async () => {
    const one = delivery(await plantOrder());
    let asked = 0;
    const careful = echo({ reach: async () => (asked += 1) });
    await handle(careful, [one], options);
    await handle(careful, [one], options);
    expect(asked).toBe(1);
  });

  test("what a dead process left unsent is handed to the relay by the message's next delivery", async () => {
    const one = delivery(await plantOrder());
    const repeat = echo();
    await handle(repeat, [one], options);
    // The column keeps milliseconds, rounded: half of one may be in the future.
    const due = sql`SELECT relay_after <= now() + interval '1 millisecond' AS due FROM outbox WHERE key = ${one.message.orderId}`;
    expect(await db.rows(due)).toEqual([{ due: false }]);
    await handle(repeat, [one], options);
    expect(await db.rows(due)).toEqual([{ due: true }]);
  });

  test("a broker that does not answer fails the whole batch and counts no attempt", async () => {
    const one = delivery(await plantOrder());
    const dispatcher = echo({ dispatch: () => [ask(wished, {})] });
    const silent = { ...options, publish: async () => [new OutcomeUnknown("no confirm")] };
    await expect(handle(dispatcher, [one], silent)).rejects.toThrow(OutcomeUnknown);
    expect(await history(one.message.orderId)).toEqual([]);
  });
});

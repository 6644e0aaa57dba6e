import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { queues, topics } from "#contracts/topology";
import type { FindingKind } from "#contracts/vocabulary";
import type { RabbitPort } from "#server/messaging/rabbit";
import { pauseWorker, resumeWorker } from "#server/pipeline/pause-worker";
import { act } from "#server/platform/act";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** A fault made by hand, and what the reconciler has to call it. `at`: unix ms when it was complete. */
export type Planted = { fault: string; kind: FindingKind; orderId: string; at: number };

type Tools = {
  /** Places an order that nothing stands in the way of. @returns its id. */
  place(): Promise<string>;
  rabbit: Pick<RabbitPort, "consume" | "depth">;
};

const GIVE_UP_MS = 60_000;
const viewer = { userId: "soak", name: "Soak", email: "soak@example.test", role: "admin" };

/** A careless hand in the database: the first event of a shipped order is gone from the outbox. */
export async function deleteEvent({ place }: Tools): Promise<Planted> {
  const orderId = await place();
  await until("the order is shipped", () => hasEvent(orderId, "shipping.created"));
  await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId} AND topic = ${topics.orderEvents.name} AND seq = 1`);
  return { fault: "deleted outbox event", kind: "event_not_in_kafka", orderId, at: Date.now() };
}

/** Somebody else drank from the queue: a label was asked for, confirmed, taken and acknowledged by a stranger. */
export async function loseJob({ place, rabbit }: Tools): Promise<Planted> {
  const { label } = queues;
  return whilePaused("render-label", async () => {
    await until("nobody reads the queue", async () => (await rabbit.depth(label.name))?.consumers === 0);
    const orderId = await place();
    await until("the job is queued", async () => (await rabbit.depth(label.name))?.ready === 1);
    const taken = Promise.withResolvers<void>();
    const stranger = await rabbit.consume(label, (delivery) => {
      delivery.ack();
      taken.resolve();
    });
    await taken.promise;
    await stranger.stop();
    return { fault: "lost job", kind: "job_lost", orderId, at: Date.now() };
  });
}

/** A worker's inbox says that it handled the payment, and nothing came of it. */
export async function forgetOrder({ place }: Tools): Promise<Planted> {
  return whilePaused("reserve-stock", async () => {
    for (;;) {
      const orderId = await place();
      await until("the order is paid", () => hasEvent(orderId, "payment.captured"));
      // Whoever writes the row first decides. A worker that is only about to stop may be first: then another order is.
      const [forgotten] = await db.rows(sql`
        INSERT INTO inbox (consumer, message_id)
        SELECT 'reserve-stock', event_id FROM outbox WHERE key = ${orderId} AND type = 'payment.captured'
        ON CONFLICT DO NOTHING RETURNING message_id`);
      if (forgotten) return { fault: "paid, not shipped", kind: "paid_not_shipped", orderId, at: Date.now() };
    }
  });
}

async function whilePaused<Result>(worker: string, work: () => Promise<Result>): Promise<Result> {
  const request = () => new Request("http://soak", { headers: { "idempotency-key": randomUUID() } });
  await act({ viewer, request: request(), body: null }, (operation) => pauseWorker(operation, worker, "soak"));
  try {
    return await work();
  } finally {
    await act({ viewer, request: request(), body: null }, (operation) => resumeWorker(operation, worker, "soak"));
  }
}

async function hasEvent(orderId: string, type: string): Promise<boolean> {
  const rows = await db.rows(
    sql`SELECT 1 FROM outbox WHERE key = ${orderId} AND type = ${type} AND sent_at IS NOT NULL`,
  );
  return rows.length > 0;
}

/** @throws when it does not come true within a minute. */
export async function until(what: string, isTrue: () => Promise<boolean>, patienceMs = GIVE_UP_MS): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await isTrue()); await wait(200))
    if (Date.now() > end) throw new Error(`not after ${patienceMs / 1_000} s: ${what}`);
}

import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { startSandbox } from "#sandbox/start-sandbox";
import { plantLetters } from "#server/dead-letters/test-letters";
import { jobsFor } from "#server/fulfilment/jobs-for";
import { readStory } from "#server/orders/story";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { createShipment } from "./create-shipment.ts";
import { dispatchTasks } from "./dispatch-tasks.ts";
import { orderSaga } from "./order-saga.ts";
import { reserveStockWorker } from "./reserve-stock.ts";
import { workerStage } from "./worker-test-stage.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
const stage = workerStage(sandbox.url, { TOPIC_PREFIX: "" });
afterAll(() => sandbox.close());
afterEach(async () => {
  await Promise.all([stage.fault("payments", "ok"), stage.fault("shipping", "ok")]);
  await db.rows(sql`DELETE FROM worker_pauses`);
  await db.rows(sql`DELETE FROM group_samples`);
});

const story = (orderId: string) => readStory(orderId, jobsFor);
const why = async (orderId: string) => (await story(orderId)).why;

/** Says that Kafka has all events of an order, on partition 3, for some seconds. */
const send = (orderId: string) =>
  db.rows(sql`
    UPDATE outbox SET sent_at = occurred_at + interval '5 milliseconds', kafka_partition = 3, kafka_offset = 100 + seq
     WHERE key = ${orderId} AND sent_at IS NULL`);
/** Makes everything about an order so much older, ms. */
const age = (orderId: string, ms: number) =>
  db.rows(sql`
    UPDATE outbox SET occurred_at = occurred_at - ${ms} * interval '1 millisecond', sent_at = sent_at - ${ms} * interval '1 millisecond'
     WHERE key = ${orderId}`);

/** A group's place on partition 3, now and 30 s ago. */
const sample = (group: string, committed: number, earlier: number, members = 1) =>
  db.rows(sql`
    INSERT INTO group_samples (sampled_at, group_id, topic, state, members, committed, ends)
    VALUES (now() - interval '31 seconds', ${group}, 'order.events', 'Stable', 1, ARRAY[0, 0, 0, ${earlier}]::bigint[], ARRAY[0, 0, 0, 500]::bigint[]),
           (now() - interval '1 second', ${group}, 'order.events', 'Stable', ${members}, ARRAY[0, 0, 0, ${committed}]::bigint[], ARRAY[0, 0, 0, 500]::bigint[])`);

describe("C1: the story of an order", () => {
  test("is told from checkout to the parcel, over outbox, Kafka, workers, providers and jobs, each step once", async () => {
    const orderId = await stage.place();
    const walk = [
      [chargePayment, "order.placed"],
      [orderSaga, "order.placed"],
      [reserveStockWorker, "payment.captured"],
      [createShipment, "inventory.reserved"],
    ] as const;
    for (const [worker, type] of walk) await stage.tell(worker, orderId, type);
    // Twice, and newest first: an event that came again or out of order is no further step.
    for (const type of ["shipping.created", "inventory.reserved", "payment.captured", "order.placed", "order.placed"])
      await stage.tell(dispatchTasks, orderId, type);
    await send(orderId);
    const { steps } = await story(orderId);

    const main = steps.filter(({ place }) => place === "outbox").map(({ seq, title, status }) => [seq, title, status]);
    expect(main).toEqual([
      [1, "Order placed", "done"],
      [2, "Payment captured", "done"],
      [3, "Stock reserved", "done"],
      [4, "Handed to the carrier", "done"],
    ]);
    expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length);
    expect(steps.find(({ place }) => place === "kafka")).toMatchObject({
      href: "/topics/order.events?partition=3&from=offset&offset=101",
    });
    const done = steps
      .filter(({ place, status }) => place === "worker" && status === "done")
      .map(({ worker }) => worker);
    expect(done.toSorted()).toEqual(
      [
        "charge-payment",
        "create-shipment",
        ...Array(4).fill("dispatch-tasks"),
        "order-saga",
        "reserve-stock",
      ].toSorted(),
    );
    const jobs = steps.filter(({ place }) => place === "queue").map(({ title }) => title);
    expect(jobs).toEqual(expect.arrayContaining(["Mail: receipt of the order", "The invoice", "The label"]));
    expect(steps.filter(({ place }) => place === "provider").map(({ status }) => status)).toEqual(["done", "done"]);
    for (const { gapMs } of steps.slice(1)) expect(gapMs).toBeGreaterThanOrEqual(0);
  });

  test("follows a job from its queue to its end", async () => {
    const orderId = await stage.place();
    await stage.tell(dispatchTasks, orderId, "order.placed");
    const mail = async () =>
      (await story(orderId)).steps.find(({ worker, place }) => worker === "send-email" && place === "queue")!;
    const asked = await mail();
    expect(asked).toMatchObject({ status: "waiting", endedAt: null, href: "/queues?family=email", seq: 1 });
    const messageId = asked.key.split(":").at(-1)!;
    await db.rows(sql`INSERT INTO inbox (consumer, message_id) VALUES ('send-email', ${messageId}::uuid)`);
    expect(await mail()).toMatchObject({ key: asked.key, status: "done" });
  });

  test("is 404 for an order that is none", async () => {
    await expect(story(randomUUID())).rejects.toMatchObject({ status: 404 });
    await expect(story("nonsense")).rejects.toMatchObject({ status: 404 });
  });
});

describe("C4: why an order does not move", () => {
  let orderId: string;
  let eventId: string;
  beforeEach(async () => {
    orderId = await stage.place();
    await db.rows(sql`DELETE FROM reminders`);
    const [row] = await db.rows<{ id: string }>(sql`SELECT event_id AS id FROM outbox WHERE key = ${orderId}`);
    eventId = row!.id;
  });

  test("Kafka is away", async () => {
    await age(orderId, 20_000);
    expect(await why(orderId)).toMatchObject({
      isMoving: false,
      sentence: expect.stringMatching(/^Kafka has not taken order\.placed since/),
    });
  });

  test("its worker has others to serve before it", async () => {
    await send(orderId);
    await age(orderId, 20_000);
    await sample("charge-payment", 61, 31);
    expect((await why(orderId)).sentence).toBe(
      "Waits for charge-payment: 40 events are ahead on partition 3, about 40 s.",
    );
  });

  test("its worker stands still", async () => {
    await send(orderId);
    await age(orderId, 60_000);
    await sample("charge-payment", 61, 61);
    expect((await why(orderId)).sentence).toMatch(
      /^charge-payment has stopped: it has read nothing of partition 3 for 30 s/,
    );
  });

  test("its worker is gone", async () => {
    await send(orderId);
    await sample("charge-payment", 61, 61, 0);
    expect((await why(orderId)).sentence).toMatch(/^charge-payment is stopped: nobody reads for it/);
  });

  test("its worker is paused", async () => {
    await send(orderId);
    await db.rows(
      sql`INSERT INTO worker_pauses (worker, reason, paused_by) VALUES ('charge-payment', 'maintenance', 'ada')`,
    );
    expect((await why(orderId)).sentence).toMatch(/^charge-payment is paused by ada since .*: maintenance\.$/);
  });

  test.each(["down", "fail500", "hang", "429", "garbage"])("the payment provider meets it with %s", async (mode) => {
    await stage.fault("payments", mode);
    await stage.tell(chargePayment, orderId, "order.placed");
    await send(orderId);
    const { sentence, isMoving, href } = await why(orderId);
    expect(sentence).toMatch(
      /^The payment provider did not do its part: attempt 2 of 21 of charge-payment .* because of \w+/,
    );
    expect({ isMoving, href }).toEqual({ isMoving: false, href: "/consumers/charge-payment" });
  });

  test("the carrier is away", async () => {
    await stage.tell(chargePayment, orderId, "order.placed");
    await stage.tell(reserveStockWorker, orderId, "payment.captured");
    await stage.fault("shipping", "down");
    await stage.tell(createShipment, orderId, "inventory.reserved");
    await send(orderId);
    expect((await why(orderId)).sentence).toMatch(
      /^The carrier did not do its part: attempt 2 of 21 of create-shipment/,
    );
  });

  test.each(["charge-payment", "order-saga", "dispatch-tasks", "project-orders"])(
    "its event is dead in %s",
    async (consumer) => {
      await send(orderId);
      const [id] = await plantLetters(1, () => ({
        broker: "kafka",
        source: "order.events",
        consumer,
        messageId: eventId,
        messageType: "order.placed",
        orderId,
        errorMessage: "it broke",
      }));
      expect(await why(orderId)).toMatchObject({
        isMoving: false,
        sentence: expect.stringMatching(new RegExp(`^order\\.placed is dead in ${consumer} since .*: it broke\\.$`)),
        href: `/dead-letters/letters/${id}`,
      });
      expect((await story(orderId)).steps).toContainEqual(
        expect.objectContaining({ status: "dead", seq: 1, worker: consumer }),
      );
    },
  );

  test.each(["send-email", "render-invoice", "render-label", "deliver-webhook", "keep-audit"])(
    "a job is dead in %s",
    async (consumer) => {
      await plantLetters(1, () => ({
        consumer,
        messageId: randomUUID(),
        messageType: "a.job",
        orderId,
        errorMessage: "it broke",
      }));
      expect((await why(orderId)).sentence).toMatch(new RegExp(`^a\\.job is dead in ${consumer} since`));
    },
  );

  test("it was sold out and the money can't go back", async () => {
    const soldOut = await stage.place({ sku: "SOLD-OUT" });
    await stage.tell(orderSaga, soldOut, "order.placed");
    await stage.tell(chargePayment, soldOut, "order.placed");
    await stage.tell(reserveStockWorker, soldOut, "payment.captured");
    await stage.fault("payments", "down");
    await stage.tell(orderSaga, soldOut, "inventory.rejected");
    await send(soldOut);
    expect((await why(soldOut)).sentence).toMatch(
      /^The order is being undone and the payment provider did not give the money back: attempt 2 of 21/,
    );
  });

  test("its card was declined: it is done", async () => {
    const declined = await stage.place({ card: "declined" });
    await stage.tell(chargePayment, declined, "order.placed");
    await send(declined);
    expect(await why(declined)).toEqual({
      isMoving: true,
      sentence: "Done: the payment was declined (generic_decline). Nothing was charged.",
      href: null,
    });
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { letterIdFor } from "#contracts/letter-ids";
import { startSandbox } from "#sandbox/start-sandbox";
import { jobsFor } from "#server/fulfilment/jobs-for";
import { readStory } from "#server/orders/story";
import { listFindings } from "#server/pipeline/list-findings";
import { reEmit } from "#server/pipeline/re-emit";
import { planReEmits, reEmitKind } from "#server/pipeline/re-emit-kind";
import { createReconciler, LOOK_EVERY_MS, patience, startReconciler } from "#server/pipeline/reconcile";
import { act } from "#server/platform/act";
import { writeAudit } from "#server/platform/audit";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { createShipment } from "./create-shipment.ts";
import { dispatchTasks } from "./dispatch-tasks.ts";
import { orderSaga } from "./order-saga.ts";
import { projectOrdersWorker } from "./project-orders.ts";
import { reserveStockWorker } from "./reserve-stock.ts";
import { workerStage } from "./worker-test-stage.ts";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
const stage = workerStage(sandbox.url);
afterAll(() => sandbox.close());
afterEach(async () => {
  await db.rows(sql`DELETE FROM findings`);
  // Whatever a test left behind is over and whole: the next one finds its own.
  await db.rows(sql`UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL`);
  await db.rows(sql`UPDATE webhook_endpoints SET is_active = false`);
  await db.rows(sql`UPDATE order_views SET status = 'delivered'`);
  await db.rows(sql`
    UPDATE orders o SET status = 'delivered',
           last_seq = (SELECT count(*) FROM outbox WHERE key = o.id::text AND topic = 'order.events')`);
  await db.rows(sql`DELETE FROM group_samples`);
  depth = { inLine: 0, aside: 0 };
});

const impatient = { unsentMs: 0, jobMs: 0, unshippedMs: 0 };
let depth = { inLine: 0, aside: 0 };
const reconciler = () => createReconciler({ jobsFor, depthOf: async () => depth, patience: impatient });
/** What is found in two looks, as it stands among the findings. */
async function found(one = reconciler()): Promise<string[]> {
  await one.look();
  await one.look();
  return (await listFindings()).findings
    .filter(({ resolvedAt }) => resolvedAt === null)
    .map(({ kind, subject }) => `${kind} ${subject}`);
}
const again = (id: string) =>
  act({ viewer: null, request: new Request("http://test/re-emits", { method: "POST" }), body: {} }, (operation) =>
    reEmit(operation, id, "it was lost"),
  );
const sendAll = (accepted: { findingIds: string[]; reason: string }) =>
  act({ viewer: null, request: new Request("http://test/re-emits", { method: "POST" }), body: {} }, (operation) =>
    reEmitKind(operation, "event_not_in_kafka", accepted),
  );
const send = (orderId: string) =>
  db.rows(sql`UPDATE outbox SET sent_at = now(), kafka_partition = 3, kafka_offset = seq WHERE key = ${orderId}`);
const findingOf = async (orderId: string) =>
  (await listFindings()).findings.find((finding) => finding.orderId === orderId)!;

type Fact = { id: string; type: string; orderId: string; occurredAt: string; data: unknown };
/** Does what the queue workers do with the jobs of an order's facts. */
async function doJobs(orderId: string): Promise<void> {
  const facts = await db.rows<Fact>(
    sql`SELECT event_id AS id, type, key AS "orderId", occurred_at::text AS "occurredAt", data FROM outbox WHERE key = ${orderId} AND topic = 'order.events'`,
  );
  const jobs = facts.flatMap((fact) => jobsFor(fact, []));
  await db.rows(sql`
    INSERT INTO inbox (consumer, message_id)
    SELECT * FROM unnest(${jobs.map(({ worker }) => worker)}::text[], ${jobs.map(({ messageId }) => messageId)}::uuid[]) ON CONFLICT DO NOTHING`);
}

const walk = [
  [chargePayment, "order.placed"],
  [reserveStockWorker, "payment.captured"],
  [createShipment, "inventory.reserved"],
] as const;
/** An order brought on by so many workers, seen by all others, its jobs done. */
async function healthy(steps: number = walk.length, wish: Parameters<typeof stage.place>[0] = {}): Promise<string> {
  const orderId = await stage.place(wish);
  await stage.tell(orderSaga, orderId, "order.placed");
  for (const [worker, type] of walk.slice(0, steps)) await stage.tell(worker, orderId, type);
  for (const type of await stage.history(orderId)) {
    await stage.tell(dispatchTasks, orderId, type);
    await stage.tell(projectOrdersWorker, orderId, type);
  }
  await send(orderId);
  await doJobs(orderId);
  return orderId;
}

describe("C6: the reconciler", () => {
  test("finds what is missing within 60 s", () => {
    for (const waits of Object.values(patience)) expect(waits + 2 * LOOK_EVERY_MS).toBeLessThanOrEqual(60_000);
  });

  test("finds nothing among healthy orders, wherever they are on their way", async () => {
    const orders = await Promise.all([0, 1, 2, 3].map((steps) => healthy(steps)));
    await healthy(1, { card: "declined" });
    await healthy(1, { paymentMethod: "cod" });
    const soldOut = await healthy(2, { sku: "SOLD-OUT" });
    expect(orders).toHaveLength(4);
    expect(await found()).toEqual([]);
    await stage.tell(orderSaga, soldOut, "inventory.rejected");
    await send(soldOut);
    expect(await found()).toEqual([]);
  });

  test("finds an event that was deleted from the outbox, and puts it back where a copy is left", async () => {
    const orderId = await healthy();
    const [copy] = await db.rows<{ event_id: string; body: string }>(sql`
      SELECT event_id, jsonb_build_object('id', event_id, 'type', type, 'version', version, 'orderId', key, 'seq', seq, 'occurredAt', occurred_at,
             'source', source, 'correlationId', correlation_id, 'causationId', causation_id, 'data', data)::text AS body
        FROM outbox WHERE key = ${orderId} AND seq = 4`);
    await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId} AND seq = 4`);
    // Nothing but a copy can bring it back: the tables don't say what it was.
    await db.rows(sql`UPDATE shipments SET carrier_id = NULL WHERE order_id = ${orderId}::uuid`);
    expect(await found()).toEqual([`event_not_in_kafka ${orderId}#4`]);
    const finding = await findingOf(orderId);
    expect(finding.canReEmit).toBe(false);
    await expect(again(finding.id)).rejects.toMatchObject({ status: 409, code: "no_copy_left" });

    await db.rows(sql`
      INSERT INTO audit_facts (fact_id, order_id, type, routing_key, occurred_at, body)
      VALUES (${copy!.event_id}::uuid, ${orderId}::uuid, 'shipping.created', 'k', now(), ${copy!.body}::jsonb)`);
    expect(await findingOf(orderId)).toMatchObject({ canReEmit: true });
    expect(await again(finding.id)).toMatchObject({ what: "event" });
    const [row] = await db.rows(sql`SELECT event_id, sent_at FROM outbox WHERE key = ${orderId} AND seq = 4`);
    expect(row).toEqual({ event_id: copy!.event_id, sent_at: null });
    await send(orderId);
    expect(await found()).toEqual([]);
    expect(await findingOf(orderId)).toMatchObject({ resolution: "Kafka has it now." });
  });

  test("finds an order whose only event was deleted before anybody saw it, and says it anew from what is known", async () => {
    const orderId = await stage.place();
    await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId}`);
    expect(await found()).toEqual([`event_not_in_kafka ${orderId}#1`]);
    const finding = await findingOf(orderId);
    expect(finding).toMatchObject({ canReEmit: true });
    expect(await again(finding.id)).toMatchObject({ detail: "order.placed (event 1) leaves for Kafka." });
    await stage.tell(chargePayment, orderId, "order.placed");
    expect(await stage.status(orderId)).toBe("paid");
  });

  test("finds a hole in an order that ended long ago", async () => {
    const orderId = await healthy();
    await db.rows(sql`UPDATE orders SET placed_at = now() - interval '3 days' WHERE id = ${orderId}::uuid`);
    await db.rows(sql`UPDATE order_views SET status = 'delivered'`);
    await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId} AND seq = 2`);
    expect(await found()).toContain(`event_not_in_kafka ${orderId}#2`);
  });

  test("asks for no webhook of a time when its endpoint was not active", async () => {
    const endpointId = randomUUID();
    await db.rows(sql`
      INSERT INTO webhook_endpoints (id, partner, url, secret, fact_types, is_active, created_at)
      VALUES (${endpointId}::uuid, 'p', 'http://127.0.0.1:9', '', ARRAY['shipping.created'], false, now() - interval '1 day')`);
    const one = reconciler();
    await one.look();
    await healthy();
    await db.rows(sql`UPDATE webhook_endpoints SET is_active = true WHERE id = ${endpointId}::uuid`);
    expect(await found(one)).toEqual([]);
    const orderId = await healthy();
    expect(await found(one)).toEqual([expect.stringMatching(/^job_lost deliver-webhook\//)]);
    expect(await findingOf(orderId)).toMatchObject({ kind: "job_lost" });
  });

  test("finds an event that Kafka never got while it took others, and none while Kafka is away", async () => {
    await healthy();
    const orderId = await healthy();
    await db.rows(
      sql`UPDATE outbox SET sent_at = NULL, relay_after = now() - interval '1 minute' WHERE key = ${orderId} AND seq = 4`,
    );
    await db.rows(sql`
      INSERT INTO pipeline_samples (sampled_at, figures)
      VALUES (now(), ${JSON.stringify({ known: { kafka: { isUp: false, since: new Date().toISOString(), reason: "away" } } })}::jsonb)`);
    expect(await found()).toEqual([]);
    await db.rows(sql`DELETE FROM pipeline_samples`);
    expect(await found()).toEqual([`event_not_in_kafka ${orderId}#4`]);
    expect(await again((await findingOf(orderId)).id)).toMatchObject({
      detail: "shipping.created (event 4) leaves for Kafka.",
    });
    await send(orderId);
    expect(await found()).toEqual([]);
  });

  test("a job whose dead letter two people have purged is gone on purpose, also in the order's story", async () => {
    const orderId = await healthy();
    const [fact] = await db.rows<Fact>(
      sql`SELECT event_id AS id, type, key AS "orderId", occurred_at::text AS "occurredAt", data FROM outbox WHERE key = ${orderId} AND seq = 2`,
    );
    const { worker, messageId } = jobsFor(fact!, []).find((job) => job.worker === "render-invoice")!;
    await db.rows(sql`DELETE FROM inbox WHERE message_id = ${messageId}::uuid`);
    depth = { inLine: 0, aside: 0 };
    const steps = async () =>
      (await readStory(orderId, jobsFor)).steps.filter(({ worker: by, status }) => by === worker && status !== "done");
    expect(await steps()).toMatchObject([{ key: `job:${worker}:${messageId}`, status: "waiting" }]);
    expect(await found(reconciler())).toHaveLength(1);

    const subject = `letter:${letterIdFor(worker, messageId)}`;
    const actor = { name: "ada@example.test", role: "lead" };
    const note = { operationId: randomUUID(), actor, action: "dead-letters:purge", subject, reason: "made by hand" };
    await writeAudit(db, [{ ...note, stage: "intent" }]);
    expect(await found(reconciler())).toEqual([]);
    expect(await steps()).toMatchObject([
      { title: "Dead letter purged: The invoice", detail: "agreed by ada@example.test: made by hand", status: "dead" },
    ]);
  });

  test("finds a job that was asked for and is nowhere, and has it asked for again", async () => {
    const orderId = await healthy();
    const [fact] = await db.rows<Fact>(
      sql`SELECT event_id AS id, type, key AS "orderId", occurred_at::text AS "occurredAt", data FROM outbox WHERE key = ${orderId} AND seq = 2`,
    );
    const invoice = jobsFor(fact!, []).find(({ worker }) => worker === "render-invoice")!;
    await db.rows(sql`DELETE FROM inbox WHERE message_id = ${invoice.messageId}::uuid`);
    depth = { inLine: 0, aside: 1 };
    expect(await found()).toEqual([]);
    depth = { inLine: 3, aside: 0 };
    expect(await found()).toEqual([]);
    depth = { inLine: 0, aside: 0 };
    const one = reconciler();
    expect(await found(one)).toEqual([`job_lost render-invoice/${invoice.messageId}/${fact!.id}`]);

    expect(await again((await findingOf(orderId)).id)).toMatchObject({ what: "job" });
    expect(await stage.reminders(dispatchTasks)).toHaveLength(1);
    await stage.remind(dispatchTasks);
    expect(await stage.reminders(dispatchTasks)).toEqual([]);
    await doJobs(orderId);
    expect(await found(one)).toEqual([]);
    expect(await findingOf(orderId)).toMatchObject({ resolution: "The job is done." });
  });

  test("finds an order that is paid, not shipped and forgotten, and hands it to the worker whose turn it is", async () => {
    const orderId = await healthy(1);
    expect(await found()).toEqual([]);
    const [paid] = await db.rows<{ id: string }>(
      sql`SELECT event_id AS id FROM outbox WHERE key = ${orderId} AND type = 'payment.captured'`,
    );
    await db.rows(sql`INSERT INTO inbox (consumer, message_id) VALUES ('reserve-stock', ${paid!.id}::uuid)`);
    expect(await found()).toEqual([`paid_not_shipped ${orderId}`]);
    const finding = await findingOf(orderId);
    await again(finding.id);
    await stage.remind(reserveStockWorker);
    expect(await stage.status(orderId)).toBe("reserved");
    await stage.tell(projectOrdersWorker, orderId, "inventory.reserved");
    await stage.tell(dispatchTasks, orderId, "inventory.reserved");
    await send(orderId);
    await doJobs(orderId);
    expect(await found()).toEqual([]);
    expect((await findingOf(orderId)).resolution).toMatch(/^The order is reserved/);
    await expect(again(finding.id)).rejects.toMatchObject({ code: "finding_resolved" });
  });

  test("lists what is missing with what it is worth, test orders aside, and of one order where it is asked for", async () => {
    const [first, second] = [await stage.place(), await stage.place({ sku: "TEA-POT", quantity: 2 })];
    const trial = await stage.place();
    await db.rows(sql`UPDATE orders SET is_test = true WHERE id = ${trial}::uuid`);
    for (const orderId of [first, second, trial]) await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId}`);
    await found();
    const list = await listFindings();
    const cents = list.findings.filter(({ isTest }) => !isTest).reduce((sum, { totalCents }) => sum + totalCents!, 0);
    expect(list).toMatchObject({ orders: 3, money: [{ currency: "EUR", cents }], isWatched: false });
    expect(list.totals).toMatchObject([
      { kind: "event_not_in_kafka", findings: 3, orders: 3, money: [{ currency: "EUR", cents }] },
    ]);
    expect(list.findings.map(({ orderId }) => orderId)).toEqual(expect.arrayContaining([first, second, trial]));
    expect(await listFindings({ orderId: second })).toMatchObject({ orders: 1, findings: [{ orderId: second }] });
  });

  test("knows whether anybody looks", async () => {
    const one = startReconciler({ rabbit: { depth: async () => ({ ready: 0, consumers: 0 }) }, jobsFor });
    await expect.poll(async () => (await listFindings()).isWatched).toBe(true);
    await one.stop();
    await expect.poll(async () => (await listFindings()).isWatched).toBe(false);
  });

  test("sends all of a kind again after a plan that changes nothing, each noted in the audit", async () => {
    const orders = [await stage.place(), await stage.place(), await stage.place()];
    for (const orderId of orders) await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId}`);
    const lost = await healthy();
    await db.rows(sql`DELETE FROM outbox WHERE key = ${lost} AND seq = 4`);
    await db.rows(sql`UPDATE shipments SET carrier_id = NULL WHERE order_id = ${lost}::uuid`);
    await found();
    const rowsOf = () =>
      db.rows<{ key: string }>(sql`SELECT key FROM outbox WHERE key = ANY(${orders}::text[]) ORDER BY id`);

    const plan = await planReEmits("event_not_in_kafka");
    expect(plan).toMatchObject({
      operationId: null,
      open: 4,
      orders: 4,
      effects: [{ detail: "order.placed (event 1) leaves for Kafka.", findings: 3 }],
      left: [{ why: expect.stringContaining("no copy of it is left"), findings: 1 }],
      sentBefore: 0,
    });
    expect(plan.findingIds).toHaveLength(3);
    expect(await rowsOf()).toEqual([]);

    const [kept, ...accepted] = plan.findingIds;
    const done = await sendAll({ findingIds: accepted, reason: "the outbox was cleaned by hand" });
    expect(done.findingIds).toEqual(accepted);
    expect(await rowsOf()).toHaveLength(2);
    const notes = await db.rows(sql`
      SELECT subject, reason, stage FROM audit_entries WHERE operation_id = ${done.operationId}::uuid ORDER BY subject`);
    expect(notes).toEqual(
      accepted
        .toSorted()
        .map((id) => ({ subject: `finding:${id}`, reason: "the outbox was cleaned by hand", stage: "intent" })),
    );
    const { findings } = await listFindings();
    expect(findings.find(({ id }) => id === accepted[0])).toMatchObject({ sentAgain: { by: "nobody" } });
    expect(findings.find(({ id }) => id === kept)).toMatchObject({ sentAgain: null });

    for (const orderId of orders) await send(orderId);
    await found();
    const again = await sendAll({ findingIds: plan.findingIds, reason: "once more" });
    expect(again).toMatchObject({ findingIds: [kept], sentBefore: 2, left: [{ findings: 2 }] });
  });

  test("does not call an order forgotten whose worker is only behind", async () => {
    const orderId = await healthy(1);
    const behind = (committed: number) =>
      db.rows(sql`
        INSERT INTO group_samples (sampled_at, group_id, topic, state, members, committed, ends)
        SELECT now(), ${process.env.TOPIC_PREFIX} || 'reserve-stock', ${process.env.TOPIC_PREFIX} || 'order.events', 'Stable', 1, ARRAY[0, 0, 0, ${committed}]::bigint[], ARRAY[9, 9, 9, 9]::bigint[]`);
    await behind(2);
    expect(await found()).toEqual([]);
    await behind(3);
    expect(await found()).toEqual([`paid_not_shipped ${orderId}`]);
  });

  test("finds one thing once, however often it looks, and only what is missing in two looks", async () => {
    const orderId = await healthy();
    await db.rows(sql`DELETE FROM outbox WHERE key = ${orderId} AND seq = 4`);
    const one = reconciler();
    expect(await one.look()).toMatchObject({ opened: 0 });
    expect(await one.look()).toMatchObject({ opened: 1 });
    expect(await one.look()).toMatchObject({ opened: 0 });
    await expect(again(randomUUID())).rejects.toMatchObject({ status: 404 });
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import { LetterListQuery } from "#contracts/api/dead-letters";
import { startSandbox } from "#sandbox/start-sandbox";
import { asLead, diesAgain, keepingBrokers, replay } from "#server/dead-letters/acts-test-stage";
import { editLetter } from "#server/dead-letters/edit-letter";
import { listGroups } from "#server/dead-letters/group-queries";
import { judge } from "#server/dead-letters/judge-replays";
import { getLetterDetail } from "#server/dead-letters/letter-detail";
import { listLetters } from "#server/dead-letters/letter-queries";
import { askForPurge, decidePurge } from "#server/dead-letters/purge-letters";
import { getRun } from "#server/dead-letters/run-queries";
import { turn } from "#server/dead-letters/run-replays";
import { plantLetters, plantOrders } from "#server/dead-letters/test-letters";
import { act } from "#server/platform/act";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { chargePayment } from "./charge-payment.ts";
import { orderSaga } from "./order-saga.ts";
import { projectOrdersWorker } from "./project-orders.ts";
import { workerStage } from "./worker-test-stage.ts";

/*
 * What dead-letter tools are known to have got wrong, each as a promise of ours. Those that need a broker stand in
 * replays-on-brokers.live.test.ts; docs/criteria.md lists all.
 */

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
const stage = workerStage(sandbox.url);
afterAll(() => sandbox.close());

beforeEach(() =>
  db.rows(sql`TRUNCATE dead_letters, dead_letter_groups, replay_runs, purge_requests, idempotent_requests CASCADE`),
);

const statusOf = async (id: string) => (await getLetterDetail(id)).letter.status;
const workerDid = (id: string) =>
  db.rows(
    sql`INSERT INTO inbox (consumer, message_id) SELECT consumer, message_id FROM dead_letters WHERE id = ${id}::uuid`,
  );
const ownOf = async (id: string) => (await getLetterDetail(id)).headers.find(([name]) => name === "own")?.[1];

test("Bug: a purge takes what was selected and nothing else, also of another queue with the same messages", async () => {
  const shared = randomUUID();
  const [mail] = await plantLetters(1, () => ({ messageId: shared, source: "email", consumer: "send-email" }));
  const [copy] = await plantLetters(1, () => ({ messageId: shared, source: "audit", consumer: "keep-audit" }));
  const [other] = await plantLetters(1, () => ({ source: "email" }));
  const ask = { selection: { letterIds: [mail!] }, typedCount: 1, reason: "test data" };
  const { purgeId } = await asLead((operation) => askForPurge(operation, ask));
  // Died between the question and the second person's word: of the same queue and cause, and not asked about.
  const [late] = await plantLetters(1);
  const admin = { userId: "u2", name: "Ada", email: "admin@example.test", role: "admin" };
  const decision = { viewer: admin, body: null, request: new Request("http://x/acts", { method: "POST" }) };
  await act(decision, (operation) => decidePurge(operation, purgeId, { decision: "approve", typedCount: 1 }));
  const left = await db.rows<{ id: string }>(sql`SELECT id FROM dead_letters`);
  expect(left.map(({ id }) => id).sort()).toEqual([copy!, other!, late!].sort());
});

test("Bug: an edit that has left is not called processed before its worker has done it", async () => {
  const { sent, senders } = keepingBrokers();
  const [orderId] = await plantOrders(1);
  const [order] = await db.rows<{ number: number }>(sql`SELECT number FROM orders WHERE id = ${orderId!}::uuid`);
  const [id] = await plantLetters(1, () => ({ orderId: orderId!, data: { kind: "order_received", orderNumber: 0 } }));
  await asLead((operation) => editOf(operation, id!, order!.number));
  await turn(new Map(), senders);
  await turn(new Map(), senders);
  expect(sent).toHaveLength(1);
  expect(await statusOf(id!)).toBe("replaying");
  await workerDid(id!);
  await turn(new Map(), senders);
  expect(await statusOf(id!)).toBe("succeeded");
});

/** An edit that gives the order's number, of the letter as it is now. */
async function editOf(operation: Parameters<typeof editLetter>[0], id: string, orderNumber: number) {
  const { letter, body, editableHeaders } = await getLetterDetail(id);
  const envelope = JSON.parse(body.text!);
  envelope.data.orderNumber = orderNumber;
  return editLetter(operation, id, {
    letterVersion: letter.version,
    body: JSON.stringify(envelope),
    headers: editableHeaders.map(({ name, value }) => ({ name, value })),
    reason: "the number was wrong",
    force: false,
  });
}

test("Bug: the editor's form is filled the second time as well", async () => {
  const { sent, senders } = keepingBrokers();
  const [orderId] = await plantOrders(1);
  const [order] = await db.rows<{ number: number }>(sql`SELECT number FROM orders WHERE id = ${orderId!}::uuid`);
  const [id] = await plantLetters(1, () => ({ orderId: orderId!, data: { kind: "order_received", orderNumber: 0 } }));
  const first = await getLetterDetail(id!);
  for (const _ of [1, 2]) {
    await asLead((operation) => editOf(operation, id!, order!.number));
    await turn(new Map(), senders);
    await diesAgain(id!);
    const again = await getLetterDetail(id!);
    expect(again.body.text).toBe(first.body.text);
    expect(again.editableHeaders).toEqual(first.editableHeaders);
    expect(again.editableHeaders.length).toBeGreaterThan(0);
  }
  expect(sent).toHaveLength(2);
});

test("Bug: new failures of the same cause during a run are told apart from the run's own", async () => {
  const { senders } = keepingBrokers();
  const ids = await plantLetters(3);
  await plantLetters(1, () => ({ group: "another cause" }));
  const { runId } = await replay(ids);
  await turn(new Map(), senders);
  expect((await getRun(runId)).receipt.newFailures).toBe(0);
  await plantLetters(2);
  await plantLetters(1, () => ({ group: "another cause" }));
  await diesAgain(ids[0]!);
  const { run, receipt } = await getRun(runId);
  expect(receipt.newFailures).toBe(2);
  expect(run.counts).toMatchObject({ failed_again: 1, sent: 2 });
});

test("Bug: whoever is looked up by an id is shown with its own headers, also among its twins", async () => {
  const shared = randomUUID();
  const ids = await plantLetters(20, (index) => ({
    messageId: index < 10 ? shared : randomUUID(),
    consumer: `worker-${index}`,
    headers: [["own", String(index), "utf8"]],
  }));
  for (const [index, id] of ids.entries()) expect(await ownOf(id)).toBe(String(index));
  const letters = await db.rows<{ id: string; own: string }>(
    sql`SELECT message_id AS id, replace(header_text, 'own=', '') AS own FROM dead_letters WHERE message_id <> ${shared}::uuid`,
  );
  for (const { id, own } of letters) expect(await ownOf(id)).toBe(own);
});

test("Bug: an act hits the letters that were chosen, however the list has moved meanwhile", async () => {
  const { sent, senders } = keepingBrokers();
  await plantLetters(10, (index) => ({ diedAt: new Date(Date.now() - index * 1_000) }));
  const { letters } = await listLetters(LetterListQuery.parse({}), { inTexts: true });
  const chosen = letters[2]!;
  // Five newer ones push every row down by five places.
  await plantLetters(5);
  const { joined } = await replay([chosen.id]);
  await turn(new Map(), senders);
  expect(joined).toBe(1);
  expect(sent.map(({ messageId }) => messageId)).toEqual([chosen.messageId]);
});

test("Bug: a replay of many letters of one batch sends each of them, not only the first", async () => {
  const { sent, senders } = keepingBrokers();
  const [orderId] = await plantOrders(1);
  const ids = await plantLetters(25, () => ({ orderId: orderId! }));
  const { joined } = await replay(ids);
  await turn(new Map(), senders);
  expect(joined).toBe(25);
  expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(25);
});

test("B8: a replay runs the worker that failed, not those that had done it; Bug: what another worker did is not taken for its work", async () => {
  const { senders } = keepingBrokers();
  const orderId = await stage.place();
  await stage.tell(orderSaga, orderId, "order.placed");
  await stage.tell(projectOrdersWorker, orderId, "order.placed");
  const placed = await stage.delivery(chargePayment, orderId, "order.placed");
  const [id] = await plantLetters(1, () => ({
    broker: "kafka",
    source: "order.events",
    consumer: "charge-payment",
    messageId: placed.message.id,
    messageType: "order.placed",
    orderId,
    seq: 1,
    key: placed.raw.key,
    body: placed.raw.value,
    headers: placed.raw.headers.map(([name, value]) => [name, value.toString(), "utf8"]),
  }));
  expect((await judge(db, [id!])).get(id!)).toMatchObject({ verdict: "safe" });
  const done = () =>
    db.rows<{ consumer: string; processed_at: Date }>(
      sql`SELECT consumer, processed_at FROM inbox WHERE message_id = ${placed.message.id}::uuid ORDER BY consumer`,
    );
  const before = await done();
  expect(before.map(({ consumer }) => consumer)).toEqual(["order-saga", "project-orders"]);
  await replay([id!]);
  await turn(new Map(), senders);
  for (const other of [orderSaga, projectOrdersWorker]) expect(await stage.deliverDue(other)).toBe(0);
  await stage.remind(chargePayment);
  expect(await stage.status(orderId)).toBe("paid");
  expect(await stage.charges(orderId)).toHaveLength(1);
  await turn(new Map(), senders);
  expect(await statusOf(id!)).toBe("succeeded");
  expect((await done()).filter(({ consumer }) => consumer !== "charge-payment")).toEqual(before);
  expect((await judge(db, [id!])).get(id!)).toMatchObject({ verdict: "already_done" });
});

test("Bug: no error is shown as standing after a replay has succeeded", async () => {
  const { senders } = keepingBrokers();
  const [id] = await plantLetters(1);
  expect(await listGroups("unsettled")).toMatchObject({ groups: [{ status: "open" }] });
  await replay([id!]);
  await turn(new Map(), senders);
  await workerDid(id!);
  await turn(new Map(), senders);
  expect((await listLetters(LetterListQuery.parse({}), { inTexts: true })).letters).toEqual([]);
  expect(await listGroups("unsettled")).toMatchObject({ groups: [] });
  expect((await getLetterDetail(id!)).letter.status).toBe("succeeded");
});

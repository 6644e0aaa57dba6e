import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { PlanRequest, RunRequest } from "#contracts/api/replays";
import { NotRouted, OutcomeUnknown, type RabbitMessage } from "#server/messaging/broker";
import { act } from "#server/platform/act";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { acceptPlan } from "./accept-plan.ts";
import { archiveLetters, restoreLetters } from "./archive-letters.ts";
import { changeRun } from "./change-run.ts";
import { planReplays } from "./plan-replays.ts";
import { askForPurge, decidePurge } from "./purge-letters.ts";
import { getRun } from "./run-queries.ts";
import { Pace, turn } from "./run-replays.ts";
import type { Senders } from "./send-replays.ts";
import { failsTooOften, giveUpWaiting, recoverOrphans } from "./settle-replays.ts";
import { plantLetters, plantOrders } from "./test-letters.ts";

testDatabase();

const lead = { userId: "u1", name: "Lea", email: "lead@example.test", role: "lead" };
const admin = { ...lead, userId: "u2", email: "admin@example.test", role: "admin" };
const asked = (body: unknown, viewer = lead, key?: string) => ({
  viewer,
  request: new Request("http://x/acts", { method: "POST", headers: key ? { "idempotency-key": key } : {} }),
  body,
});

/** A RabbitMQ that keeps what it gets, and answers as told. */
function keepingRabbit() {
  const sent: RabbitMessage[] = [];
  let answer: (message: RabbitMessage) => Error | null = () => null;
  const senders: Senders = {
    rabbit: {
      publish: async (messages) => {
        sent.push(...messages);
        return messages.map((message) => answer(message));
      },
    },
    kafka: { send: async (messages) => messages.map(() => null) },
    readers: new Map([["email", "send-email"]]),
  };
  const answerWith = (next: typeof answer) => {
    answer = next;
  };
  return { sent, senders, answerWith };
}

const plan = (request: Partial<PlanRequest> & Pick<PlanRequest, "selection">) => {
  const body = { ratePerSecond: 50, ...request };
  return act(asked(body), (operation) => planReplays(operation, body));
};
const accept = (planId: string, wish: Partial<RunRequest> = {}) => {
  const body: RunRequest = {
    planId,
    name: "SMTP was down",
    ratePerSecond: null,
    steps: [],
    stopAbovePercent: 20,
    holdMs: 0,
    force: false,
    overrideQuarantine: false,
    ...wish,
  };
  return act(asked(body), (operation) => acceptPlan(operation, body));
};
const change = (runId: string, body: Parameters<typeof changeRun>[2]) =>
  act(asked(body), async (operation) => {
    await changeRun(operation, runId, body);
    return null;
  });
const statusesOf = async (ids: readonly string[]) => {
  const rows = await db.rows<{ id: string; status: string }>(
    sql`SELECT id, status FROM dead_letters WHERE id = ANY(${[...ids]}::uuid[])`,
  );
  const byId = new Map(rows.map((row) => [row.id, row.status]));
  return ids.map((id) => byId.get(id));
};
/** What the worker would write when it is done with a letter's message. */
const workerDid = (ids: readonly string[]) =>
  db.rows(sql`
    INSERT INTO inbox (consumer, message_id) SELECT consumer, message_id FROM dead_letters WHERE id = ANY(${[...ids]}::uuid[])`);

beforeEach(async () => {
  await db.rows(sql`TRUNCATE dead_letters, dead_letter_groups, replay_runs, inbox, idempotent_requests CASCADE`);
});

describe("a plan", () => {
  test("B5: freezes its letters, counts money once per order and sends nothing", async () => {
    const [order] = await plantOrders(1, () => ({ totalCents: 4_210 }));
    await plantLetters(3, () => ({ orderId: order! }));
    const planned = await plan({ selection: { filter: { status: "unsettled" } } });
    expect(planned).toMatchObject({
      letters: 3,
      orders: 1,
      money: [{ currency: "EUR", cents: 4_210 }],
      durationMs: 60,
    });
    expect(planned.targets).toEqual([{ target: "queue email", letters: 3 }]);
    expect(planned.headersRemoved).toContain("x-error-class");
  });

  test("B5: a letter that changed since is left out and the run says so; a plan expires; a plan is used once", async () => {
    const [first, second] = await plantLetters(2);
    const planned = await plan({ selection: { letterIds: [first!, second!] } });
    await db.rows(sql`UPDATE dead_letters SET version = version + 1 WHERE id = ${second!}::uuid`);
    const { runId, joined } = await accept(planned.planId);
    expect(joined).toBe(1);
    expect((await getRun(runId)).problems).toMatchObject([
      { letterId: second, detail: "changed since it was planned" },
    ]);
    await expect(accept(planned.planId)).rejects.toMatchObject({ code: "plan_used" });

    const late = await plan({ selection: { letterIds: [second!] } });
    await db.rows(sql`UPDATE replay_runs SET expires_at = now() WHERE id = ${late.planId}::uuid`);
    await expect(accept(late.planId)).rejects.toMatchObject({ code: "plan_expired" });
  });

  test("B9: letters of one order stand in the order of its history, whatever died first", async () => {
    const [order] = await plantOrders(1);
    const ids = await plantLetters(3, (index) => ({
      broker: "kafka",
      source: "order.events",
      orderId: order!,
      seq: 3 - index,
      diedAt: new Date(Date.now() - 1_000 * (3 - index)),
    }));
    const { planId } = await plan({ selection: { letterIds: ids } });
    const rows = await db.rows<{ letter_id: string }>(
      sql`SELECT letter_id FROM replays WHERE run_id = ${planId}::uuid ORDER BY position`,
    );
    expect(rows.map(({ letter_id }) => letter_id)).toEqual([...ids].reverse());
  });

  test("B11: a target that can't take the letters is refused with the reason", async () => {
    const ids = await plantLetters(1);
    const refused = (target: PlanRequest["target"]) => plan({ selection: { letterIds: ids }, target });
    await expect(refused({ kind: "queue", queue: "label" })).rejects.toMatchObject({ code: "target_not_compatible" });
    await expect(refused({ kind: "queue", queue: "email.dlq" })).rejects.toMatchObject({
      code: "target_not_compatible",
    });
    await expect(refused({ kind: "topic", topic: "order.events" })).rejects.toMatchObject({ status: 422 });
    await expect(refused({ kind: "queue", queue: "somebody-elses" })).resolves.toMatchObject({ kind: "redirect" });
  });
});

describe("a run", () => {
  test("B8: an outcome is learnt from the worker's inbox, and only then is a letter called succeeded", async () => {
    const { sent, senders } = keepingRabbit();
    const ids = await plantLetters(3);
    const { runId } = await accept((await plan({ selection: { letterIds: ids } })).planId);
    const paces = new Map<string, Pace>();
    await turn(paces, senders);
    expect(sent).toHaveLength(3);
    expect(await statusesOf(ids)).toEqual(["replaying", "replaying", "replaying"]);
    expect((await getRun(runId)).run.counts).toEqual({ sent: 3 });

    await workerDid(ids.slice(0, 2));
    await turn(paces, senders);
    expect(await statusesOf(ids)).toEqual(["succeeded", "succeeded", "replaying"]);
    expect((await getRun(runId)).run.status).toBe("running");
    await workerDid(ids.slice(2));
    await turn(paces, senders);
    expect((await getRun(runId)).run).toMatchObject({ status: "completed", counts: { succeeded: 3 } });
  });

  test("B9: body, key and headers leave as they came, death and retry marks stripped, the original unchanged", async () => {
    const { sent, senders } = keepingRabbit();
    const body = Buffer.from([0, 255, 1, 2]);
    const [id] = await plantLetters(1, () => ({
      body,
      headers: [
        ["event-type", "email.send", "utf8"],
        ["x-count", "7", "json"],
        ["x-error-class", "Error", "utf8"],
        ["x-earlier-failures", "[]", "utf8"],
        ["x-death", "[]", "json"],
        ["x-attempts", "4", "json"],
      ],
    }));
    const before = await db.rows(sql`SELECT * FROM dead_letter_deaths WHERE letter_id = ${id!}::uuid`);
    await accept((await plan({ selection: { letterIds: [id!] } })).planId, { force: true, reason: "raw bytes" });
    await turn(new Map(), senders);
    expect(sent[0]).toMatchObject({ exchange: "", routingKey: "email", value: body });
    expect(Object.keys(sent[0]!.headers)).toEqual(["event-type", "x-count", "x-replay-id"]);
    expect(sent[0]!.headers["x-count"]).toBe(7);
    expect(await db.rows(sql`SELECT * FROM dead_letter_deaths WHERE letter_id = ${id!}::uuid`)).toEqual(before);
  });

  test("B7: of 20 who accept plans over the same letters at once, each letter leaves once", async () => {
    const { sent, senders } = keepingRabbit();
    const ids = await plantLetters(5);
    const plans = await Promise.all(Array.from({ length: 20 }, () => plan({ selection: { letterIds: ids } })));
    const outcomes = await Promise.allSettled(plans.map(({ planId }) => accept(planId)));
    const joined = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value.joined] : []));
    expect(joined.reduce((sum, count) => sum + count, 0)).toBe(5);
    await turn(new Map(), senders);
    expect(sent).toHaveLength(5);
  });

  test("B7: who plans with letters of a run is told which run has them", async () => {
    const ids = await plantLetters(3);
    await accept((await plan({ selection: { letterIds: ids.slice(0, 2) } })).planId, { name: "mail was down" });
    const second = await plan({ selection: { letterIds: ids } });
    expect(second).toMatchObject({ letters: 1, refused: [{ reason: "already in run “mail was down”", letters: 2 }] });
  });

  test("D8: 20 times the same key is one run with one answer; another body under it is refused", async () => {
    const ids = await plantLetters(2);
    const { planId } = await plan({ selection: { letterIds: ids } });
    const body = {
      planId,
      name: "once",
      ratePerSecond: 1,
      steps: [],
      stopAbovePercent: null,
      holdMs: 60_000,
      force: false,
      overrideQuarantine: false,
    };
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => act(asked(body, lead, key), (operation) => acceptPlan(operation, body))),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await expect(
      act(asked({ ...body, name: "twice" }, lead, key), (operation) => acceptPlan(operation, body)),
    ).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test("B12: nothing leaves during the hold; a cancel leaves every letter where it was", async () => {
    const { sent, senders } = keepingRabbit();
    const ids = await plantLetters(4, (index) => ({ status: index === 0 ? "uncertain" : "dead" }));
    const { runId } = await accept((await plan({ selection: { letterIds: ids } })).planId, { holdMs: 60_000 });
    await turn(new Map(), senders);
    expect(sent).toHaveLength(0);
    await change(runId, { action: "cancel" });
    await turn(new Map(), senders);
    expect(sent).toHaveLength(0);
    expect(await statusesOf(ids)).toEqual(["uncertain", "dead", "dead", "dead"]);
    await expect(change(runId, { action: "resume" })).rejects.toMatchObject({ code: "run_not_changeable" });
  });

  test("B6: steps of 1, 5, 25 wait for the outcomes of the step before", async () => {
    const { sent, senders } = keepingRabbit();
    const ids = await plantLetters(40);
    await accept((await plan({ selection: { letterIds: ids } })).planId, { steps: [1, 5, 25] });
    const paces = new Map<string, Pace>();
    const seen: number[] = [];
    for (let look = 0; look < 14; look += 1) {
      await turn(paces, senders);
      seen.push(sent.length);
      if (look % 3 === 2) await workerDid(await openLetters());
    }
    expect([...new Set(seen)]).toEqual([1, 6, 31, 40]);
  });

  test("B6: a paused run sends nothing, its rate can be changed, and it goes on", async () => {
    const { sent, senders } = keepingRabbit();
    const ids = await plantLetters(3);
    const { runId } = await accept((await plan({ selection: { letterIds: ids } })).planId, { ratePerSecond: 0.1 });
    const paces = new Map<string, Pace>();
    await turn(paces, senders);
    expect(sent).toHaveLength(1);
    await change(runId, { action: "pause" });
    await change(runId, { action: "rate", ratePerSecond: 500 });
    await turn(paces, senders);
    expect(sent).toHaveLength(1);
    await change(runId, { action: "resume" });
    await expect.poll(() => turn(paces, senders).then(() => sent.length)).toBe(3);
  });

  test("B6: more failures than allowed stop it, and what has not left stays", async () => {
    const { senders } = keepingRabbit();
    const ids = await plantLetters(20);
    const { runId } = await accept((await plan({ selection: { letterIds: ids } })).planId, { steps: [10] });
    const paces = new Map<string, Pace>();
    await turn(paces, senders);
    await db.rows(sql`
      UPDATE replays SET status = CASE WHEN position < 5 THEN 'failed_again' ELSE 'succeeded' END WHERE run_id = ${runId}::uuid AND status = 'sent'`);
    await turn(paces, senders);
    const { run } = await getRun(runId);
    expect(run).toMatchObject({ status: "stopped", counts: { failed_again: 5, succeeded: 5, cancelled: 10 } });
    expect(run.stopReason).toContain("5 of 10 failed again");
  });

  test("what the broker has no queue for has not left; what it did not answer for is uncertain, not sent again", async () => {
    const { sent, senders, answerWith } = keepingRabbit();
    const [routed, lost] = await plantLetters(2);
    answerWith(({ messageId }) =>
      sent[0]!.messageId === messageId ? new NotRouted("no queue") : new OutcomeUnknown("cut"),
    );
    const { runId } = await accept((await plan({ selection: { letterIds: [routed!, lost!] } })).planId);
    await turn(new Map(), senders);
    await turn(new Map(), senders);
    expect(sent).toHaveLength(2);
    expect((await statusesOf([routed!, lost!])).sort()).toEqual(["dead", "uncertain"]);
    expect((await getRun(runId)).run.counts).toEqual({ skipped: 1, uncertain: 1 });
    await workerDid([routed!, lost!]);
    await turn(new Map(), senders);
    expect((await getRun(runId)).run.counts).toMatchObject({ succeeded: 1 });
  });

  test("B8: an answer that comes after an hour counts: letter and receipt say succeeded, and another run leaves it alone", async () => {
    const { senders } = keepingRabbit();
    const [order] = await plantOrders(1, () => ({ totalCents: 4_210 }));
    const [id] = await plantLetters(1, () => ({ orderId: order! }));
    const { runId } = await accept((await plan({ selection: { letterIds: [id!] } })).planId);
    await turn(new Map(), senders);
    await db.rows(sql`UPDATE replays SET sent_at = sent_at - interval '61 minutes' WHERE run_id = ${runId}::uuid`);
    await giveUpWaiting();
    await turn(new Map(), senders);
    expect(await statusesOf([id!])).toEqual(["uncertain"]);
    expect((await getRun(runId)).run).toMatchObject({ status: "completed", counts: { unknown: 1 } });

    await workerDid([id!]);
    await turn(new Map(), senders);
    expect(await statusesOf([id!])).toEqual(["succeeded"]);
    const { run, receipt, problems } = await getRun(runId);
    expect(run.counts).toEqual({ succeeded: 1 });
    expect(receipt.recovered).toEqual([{ currency: "EUR", cents: 4_210 }]);
    expect(problems).toEqual([]);
    const again = await plan({ selection: { letterIds: [id!] } });
    await expect(accept(again.planId)).rejects.toMatchObject({ code: "nothing_to_send" });
  });

  test("what left for somebody else's queue has no answer: the inbox of the letter's own worker is none", async () => {
    const { senders } = keepingRabbit();
    const [id] = await plantLetters(1);
    const target = { kind: "queue", queue: "somebody-elses" } as const;
    const { runId } = await accept((await plan({ selection: { letterIds: [id!] }, target })).planId);
    await turn(new Map(), senders);
    await db.rows(sql`UPDATE dead_letters SET status = 'uncertain' WHERE id = ${id!}::uuid`);
    await workerDid([id!]);
    await turn(new Map(), senders);
    expect((await getRun(runId)).run.counts).toEqual({ unknown: 1 });
  });

  test("B13: a letter that came back three times is quarantined, and needs an override with a reason", async () => {
    const ids = await plantLetters(1, () => ({ status: "quarantined" }));
    const planned = await plan({ selection: { letterIds: ids } });
    await expect(accept(planned.planId)).rejects.toMatchObject({ code: "nothing_to_send" });
    await expect(accept(planned.planId, { overrideQuarantine: true })).rejects.toMatchObject({
      code: "reason_missing",
    });
    await expect(accept(planned.planId, { overrideQuarantine: true, reason: "fixed" })).resolves.toMatchObject({
      joined: 1,
    });
  });

  test("after a crash, what was to go straight to a worker waits again, and nobody claims to know of the rest", async () => {
    const { senders } = keepingRabbit();
    const [event] = await plantLetters(1, () => ({
      broker: "kafka",
      source: "order.events",
      consumer: "charge-payment",
    }));
    const [mail] = await plantLetters(1);
    await accept((await plan({ selection: { letterIds: [event!, mail!] } })).planId, { force: true, reason: "test" });
    await db.rows(sql`UPDATE replay_runs SET claimed_through = 1, claimed_at = now()`);
    expect(await recoverOrphans()).toBe(2);
    expect(await statusesOf([event!, mail!])).toEqual(["replaying", "uncertain"]);
    await turn(new Map(), senders);
    await db.rows(sql`UPDATE replay_runs SET status = 'running'`);
    await turn(new Map(), senders);
    expect(await db.rows(sql`SELECT consumer FROM reminders`)).toEqual([{ consumer: "charge-payment" }]);
  });
});

describe("archive and purge", () => {
  test("B12: what is archived comes back as it was, and waits for nobody meanwhile", async () => {
    const ids = await plantLetters(3);
    const selection = { letterIds: ids };
    await act(asked(1), (operation) => archiveLetters(operation, selection, "duplicates"));
    expect(await statusesOf(ids)).toEqual(["archived", "archived", "archived"]);
    await expect(plan({ selection })).resolves.toMatchObject({ letters: 0, refused: [{ letters: 3 }] });
    await act(asked(2), (operation) => restoreLetters(operation, selection, "needed after all"));
    expect(await statusesOf(ids)).toEqual(["dead", "dead", "dead"]);
  });

  test("B12: a purge needs the right count twice and a second person", async () => {
    const ids = await plantLetters(3);
    const ask = { selection: { letterIds: ids }, typedCount: 2, reason: "test data" };
    await expect(act(asked(1), (operation) => askForPurge(operation, ask))).rejects.toMatchObject({
      code: "count_wrong",
    });
    const { purgeId } = await act(asked(2), (operation) => askForPurge(operation, { ...ask, typedCount: 3 }));
    const decide = (viewer: typeof lead, typedCount?: number) =>
      act(asked(typedCount, viewer), (operation) =>
        decidePurge(operation, purgeId, { decision: "approve", typedCount }),
      );
    await expect(decide(lead, 3)).rejects.toMatchObject({ code: "second_person_needed" });
    await expect(decide(admin)).rejects.toMatchObject({ code: "count_wrong" });
    await expect(decide(admin, 3)).resolves.toMatchObject({ status: "done" });
    expect(await statusesOf(ids)).toEqual([undefined, undefined, undefined]);
    await expect(decide(admin, 3)).rejects.toMatchObject({ code: "purge_decided" });
  });

  test("B12: a purge leaves what has changed since it was asked for, and tells how many it took", async () => {
    const ids = await plantLetters(3);
    await act(asked(1), (operation) => archiveLetters(operation, { letterIds: ids }, "duplicates"));
    const ask = { selection: { letterIds: ids }, typedCount: 3, reason: "test data" };
    const { purgeId } = await act(asked(2), (operation) => askForPurge(operation, ask));
    await act(asked(3), (operation) => restoreLetters(operation, { letterIds: ids.slice(2) }, "needed after all"));
    const decision = { decision: "approve", typedCount: 3 } as const;
    const purge = await act(asked(4, admin), (operation) => decidePurge(operation, purgeId, decision));
    expect(purge).toMatchObject({ status: "done", letters: 2 });
    expect(await statusesOf(ids)).toEqual([undefined, undefined, "dead"]);
    const notes = await db.rows(sql`
      SELECT after FROM audit_entries WHERE subject = ${`purge:${purgeId}`} AND action = 'purges:approve'`);
    expect(notes).toEqual([{ after: { letters: 2 } }]);
    const [purged] = await db.rows<{ letters: number }>(sql`
      SELECT count(*) AS letters FROM audit_entries
       WHERE action = 'dead-letters:purge' AND subject = ANY(${ids.map((id) => `letter:${id}`)}::text[])`);
    expect(purged!.letters).toBe(2);
  });
});

describe("the audit", () => {
  test("D1: intent and outcome of each letter stand under one operation, and nobody can change or remove them", async () => {
    const { senders } = keepingRabbit();
    const ids = await plantLetters(2);
    const { runId } = await accept((await plan({ selection: { letterIds: ids } })).planId);
    await turn(new Map(), senders);
    const { operationId } = (await getRun(runId)).run;
    const entries = await db.rows<{ stage: string; actor: string }>(
      sql`SELECT stage, actor FROM audit_entries WHERE operation_id = ${operationId}::uuid ORDER BY id`,
    );
    expect(entries.map(({ stage }) => stage)).toEqual(["intent", "intent", "intent", "outcome", "outcome"]);
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(["lead@example.test"]));
    for (const statement of [
      sql`UPDATE audit_entries SET actor = 'somebody else'`,
      sql`DELETE FROM audit_entries`,
      sql`TRUNCATE audit_entries`,
    ])
      await expect(db.rows(statement)).rejects.toThrow(/added, never changed/);
  });

  test("D1: an act that fails leaves neither change nor intent", async () => {
    const ids = await plantLetters(1);
    const before = await db.rows(sql`SELECT count(*) AS n FROM audit_entries`);
    await expect(
      act(asked(1), async (operation) => {
        await archiveLetters(operation, { letterIds: ids }, "then it breaks");
        throw new Error("too late");
      }),
    ).rejects.toThrow("too late");
    expect(await statusesOf(ids)).toEqual(["dead"]);
    expect(await db.rows(sql`SELECT count(*) AS n FROM audit_entries`)).toEqual(before);
  });
});

test("B6: a pace of 0.1 to 500 a second is held within 10 % and does not burst after a rest", () => {
  for (const rate of [0.1, 1, 7, 50, 500]) {
    const pace = new Pace();
    const from = performance.now();
    const seconds = Math.max(20, 30 / rate);
    let sent = 0;
    for (let at = 0; at < seconds * 1_000; at += 100) {
      const allowed = pace.allow(rate, from + at);
      pace.spend(allowed);
      sent += allowed;
    }
    expect(Math.abs(sent - rate * seconds)).toBeLessThanOrEqual(Math.max(1, 0.1 * rate * seconds));
    expect(pace.allow(rate, from + 3_600_000)).toBeLessThanOrEqual(Math.max(1, rate));
  }
});

test("a few failures among many still in flight prove nothing; a step that failed whole does", () => {
  expect(failsTooOften({ failed: 1, settled: 1, inFlight: 9, stopAbove: 20 })).toBe(false);
  expect(failsTooOften({ failed: 1, settled: 1, inFlight: 0, stopAbove: 20 })).toBe(true);
  expect(failsTooOften({ failed: 1, settled: 5, inFlight: 9, stopAbove: 20 })).toBe(false);
  expect(failsTooOften({ failed: 2, settled: 5, inFlight: 9, stopAbove: 20 })).toBe(true);
  expect(failsTooOften({ failed: 5, settled: 5, inFlight: 0, stopAbove: null })).toBe(false);
});

const openLetters = async () =>
  (await db.rows<{ letter_id: string }>(sql`SELECT letter_id FROM replays WHERE status = 'sent'`)).map(
    (row) => row.letter_id,
  );

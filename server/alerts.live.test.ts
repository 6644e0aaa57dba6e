import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { GroupView } from "#contracts/api/operations";
import { startSandbox } from "#sandbox/start-sandbox";
import { guardUrl } from "#server/partners/guard-address";
import {
  acknowledgeAlert,
  addChannel,
  addSilence,
  changeRule,
  endSilence,
  testChannel,
} from "#server/pipeline/alert-acts";
import type { AlertFacts } from "#server/pipeline/alert-rules";
import { notifying } from "#server/pipeline/notify-alerts";
import { readAlertFacts } from "#server/pipeline/read-alert-facts";
import { readAlerts } from "#server/pipeline/read-alerts";
import { lookOnce, watchAlerts } from "#server/pipeline/watch-alerts";
import { act, type Operation } from "#server/platform/act";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { sendAlert } from "#server/send-alert";

const sandbox = await startSandbox({ port: 0, smtpPort: 0 });
testDatabase({ SMTP_URL: sandbox.smtpUrl, PUBLIC_URL: "http://shop.test" });
afterAll(() => sandbox.close());

/** The partner's side of a webhook: all that arrived. */
const arrived: { type: string; data: { title: string; alerts: { summary: string; url: string }[] } }[] = [];
let answers = 200;
const hook = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    if (answers < 300) arrived.push(JSON.parse(body));
    response.writeHead(answers).end();
  });
});
beforeAll(() => new Promise<void>((resolve) => void hook.listen(0, "127.0.0.1", resolve)));
afterAll(() => void hook.close());
const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alerts`;

const mails = async (): Promise<{ recipients: string[]; subject: string; text: string }[]> =>
  (await fetch(`${sandbox.url}/api/mails`)).json() as never;
const lead = { id: "1", email: "lead@shop.test", name: "Lea", role: "lead" } as never;
const order = (change: (operation: Operation) => Promise<void>) =>
  act({ viewer: lead, request: new Request("http://shop.test/x", { method: "POST" }), body: {} }, async (operation) => {
    await change(operation);
    return {};
  });

const up = { isUp: true, since: null, reason: null };
const group = (worker: string, over: Partial<GroupView> = {}): GroupView => ({
  ...{ group: worker, topic: "order.events", worker, state: "Stable", members: 1, lag: 20_000 },
  ...{ health: "ok", reason: "", producePerSecond: 9, consumePerSecond: 1, timeLagMs: 1_000, etaMs: null },
  ...{ isGrowing: true, pausedBy: null, inWords: null, waiting: null, partitions: [], ...over },
});

/** A pipeline seen at a time of the test's choosing: its look, its fine-since and its notifier. */
function watch() {
  const start = Date.now();
  const fineSince = new Map<string, number>();
  const notify = notifying(sendAlert, { regroupMs: 0, againMs: 0 });
  return async (atMs: number, groups: GroupView[]) => {
    const facts: AlertFacts = {
      ...{ at: new Date(start + atMs), known: { kafka: up, rabbitmq: up, queueSource: "management" }, groups },
      ...{ families: [], outbox: { unsent: 0, oldestMs: null }, letters: [], moneyAtRisk: [], stuck: [] },
    };
    await lookOnce(facts, fineSince);
    await notify();
    return (await readAlerts()).alerts.map(({ rule, subject, status }) => `${rule} ${subject} ${status}`);
  };
}

beforeEach(async () => {
  arrived.length = 0;
  answers = 200;
  for (const table of ["alerts", "alert_rules", "alert_silences", "alert_channels"])
    await db.rows({ text: `DELETE FROM ${table}`, values: [] } as never);
  await order((operation) => addChannel(operation, { kind: "webhook", address: hookUrl() }, guardUrl));
});

describe("D3: an alert", () => {
  test("fires after it lasted, tells once, and tells once that it is over", async () => {
    const at = watch();
    expect(await at(0, [group("charge-payment")])).toEqual(["lag group:charge-payment pending"]);
    expect(await at(25_000, [group("charge-payment")])).toEqual(["lag group:charge-payment pending"]);
    expect(arrived).toEqual([]);
    expect(await at(30_000, [group("charge-payment")])).toEqual(["lag group:charge-payment firing"]);
    await at(35_000, [group("charge-payment", { lag: 21_000 })]);
    expect(arrived.map(({ type, data }) => [type, data.title])).toEqual([["alert.firing", "Too much waits"]]);
    expect(arrived[0]!.data.alerts).toMatchObject([
      { summary: "20,000 events wait for charge-payment, growing.", url: "http://shop.test/consumers/charge-payment" },
    ]);
    await at(40_000, []);
    expect(await at(69_000, [])).toEqual(["lag group:charge-payment firing"]);
    expect(await at(70_000, [])).toEqual(["lag group:charge-payment resolved"]);
    await at(75_000, []);
    expect(arrived.map(({ type }) => type)).toEqual(["alert.firing", "alert.resolved"]);
    const marks = await db.rows(sql`SELECT label FROM pipeline_marks WHERE kind = 'alert_resolved'`);
    expect(marks).toEqual([{ label: "Over: 21,000 events wait for charge-payment, growing." }]);
  });

  test("that was gone before it fired was never told, nor a lag that drains by itself", async () => {
    const at = watch();
    await at(0, [group("charge-payment")]);
    expect(await at(20_000, [])).toEqual([]);
    const draining = group("charge-payment", { lag: 900_000, timeLagMs: 3_600_000, etaMs: 500_000, isGrowing: false });
    for (const ms of [25_000, 60_000, 90_000]) expect(await at(ms, [draining])).toEqual([]);
    expect(arrived).toEqual([]);
  });

  test("of twelve groups at once is one message for the rule", async () => {
    const at = watch();
    const groups = Array.from({ length: 12 }, (_, index) => group(`worker-${index}`));
    await at(0, groups);
    await at(30_000, groups);
    expect(arrived.map(({ data }) => [data.title, data.alerts.length])).toEqual([["Too much waits (12)", 12]]);
  });

  test("that somebody has acknowledged stays with the name until it is over", async () => {
    const at = watch();
    await at(0, [group("charge-payment")]);
    await at(30_000, [group("charge-payment")]);
    const { id } = (await readAlerts()).alerts[0]!;
    await order((operation) => acknowledgeAlert(operation, id));
    expect(await at(35_000, [group("charge-payment")])).toEqual(["lag group:charge-payment acknowledged"]);
    expect((await readAlerts()).alerts[0]).toMatchObject({ acknowledgedBy: "lead@shop.test" });
    await at(40_000, []);
    expect(await at(70_000, [])).toEqual(["lag group:charge-payment resolved"]);
    const audit = await db.rows(sql`SELECT action FROM audit_entries WHERE subject = ${`alert:${id}`}`);
    expect(audit).toEqual([{ action: "alerts:acknowledge" }]);
  });

  test("is not told while it is silenced, and is told when the silence ends and it still lasts", async () => {
    const at = watch();
    await order((operation) =>
      addSilence(operation, { rule: "lag", subject: null, reason: "planned work", forMs: 3_600_000 }),
    );
    await at(0, [group("charge-payment")]);
    expect(await at(30_000, [group("charge-payment")])).toEqual(["lag group:charge-payment firing"]);
    expect(arrived).toEqual([]);
    const { alerts, silences } = await readAlerts();
    expect(alerts[0]!.isSilenced).toBe(true);
    await order((operation) => endSilence(operation, silences[0]!.id));
    await at(35_000, [group("charge-payment")]);
    expect(arrived.map(({ type }) => type)).toEqual(["alert.firing"]);
  });

  test("is told again until a channel takes it, and the channel says why not", async () => {
    const at = watch();
    answers = 503;
    await at(0, [group("charge-payment")]);
    await at(30_000, [group("charge-payment")]);
    expect((await readAlerts()).channels[0]!.lastOutcome).toBe("Not taken: the partner answered 503");
    answers = 200;
    await at(35_000, [group("charge-payment")]);
    expect(arrived.map(({ type }) => type)).toEqual(["alert.firing"]);
    expect((await readAlerts()).channels[0]!.lastOutcome).toBe("Taken.");
  });

  test("follows a rule that somebody set, without a restart", async () => {
    const at = watch();
    await order((operation) => changeRule(operation, "lag", { threshold: 100_000 }));
    expect(await at(0, [group("charge-payment")])).toEqual([]);
    await order((operation) => changeRule(operation, "lag", { threshold: 10, forMs: 0 }));
    expect(await at(5_000, [group("charge-payment")])).toEqual(["lag group:charge-payment firing"]);
    await order((operation) => changeRule(operation, "lag", { isEnabled: false }));
    expect(await at(10_000, [group("charge-payment")])).toEqual(["lag group:charge-payment resolved"]);
    const rule = (await readAlerts()).rules.find(({ id }) => id === "lag");
    expect(rule).toMatchObject({ isEnabled: false, threshold: 10, forMs: 0 });
    await expect(order((operation) => changeRule(operation, "group-health", { threshold: 1 }))).rejects.toMatchObject({
      code: "rule_without_threshold",
    });
  });

  test("is seen by the watcher from what lies in the tables, and mailed", async () => {
    await order((operation) => addChannel(operation, { kind: "email", address: "night@shop.test" }, guardUrl));
    await db.rows(sql`
      INSERT INTO findings (id, kind, order_id, subject, detail)
      VALUES (gen_random_uuid(), 'paid_not_shipped', gen_random_uuid(), 'order', 'paid an hour ago')`);
    onTestFinished(async () => void (await db.rows(sql`DELETE FROM findings`)));
    expect((await readAlertFacts()).stuck).toMatchObject([{ kind: "paid_not_shipped", orders: 1 }]);
    expect((await readAlerts()).isWatched).toBe(false);
    const watcher = watchAlerts(sendAlert, 100);
    onTestFinished(() => watcher.stop());
    await expect.poll(async () => (await readAlerts()).isWatched).toBe(true);
    await expect.poll(async () => (await mails()).map(({ subject }) => subject)).toContain("[Alert] Orders stuck");
    const mail = (await mails()).find(({ subject }) => subject === "[Alert] Orders stuck")!;
    expect(mail.recipients).toEqual(["night@shop.test"]);
    await expect.poll(() => arrived.map(({ data }) => data.title)).toContain("Orders stuck");
  });
});

describe("a channel", () => {
  test("is tried with a button that tells whether it took the test", async () => {
    await order((operation) => addChannel(operation, { kind: "email", address: "day@shop.test" }, guardUrl));
    const { channels } = await readAlerts();
    const idOf = (kind: string) => channels.find((channel) => channel.kind === kind)!.id;
    expect(await testChannel(idOf("email"), sendAlert)).toEqual({ isTold: true, outcome: "Test taken." });
    expect((await mails()).map(({ recipients, subject }) => [...recipients, subject])).toContainEqual([
      "day@shop.test",
      "[Test] Test of this channel",
    ]);
    answers = 500;
    expect(await testChannel(idOf("webhook"), sendAlert)).toEqual({
      isTold: false,
      outcome: "Not taken: the partner answered 500",
    });
  });

  test("is told once however often it is added, and never at an address inside the house", async () => {
    const add = (address: string) =>
      order((operation) => addChannel(operation, { kind: "webhook", address }, guardUrl));
    await expect(add(hookUrl())).rejects.toMatchObject({ status: 409, code: "channel_exists" });
    await expect(add("http://169.254.169.254/latest")).rejects.toMatchObject({ status: 422, code: "url_not_allowed" });
  });
});

import { describe, expect, test } from "vitest";
import type { FamilyView, GroupView } from "#contracts/api/operations";
import { type AlertFacts, alertRules, findConditions, settingOf, showRule } from "./alert-rules.ts";
import { FINE_FOR_MS, type OpenAlert, stepAlerts } from "./step-alerts.ts";

const now = new Date("2026-11-21T10:00:00Z");
const up = { isUp: true, since: null, reason: null };
const group = (over: Partial<GroupView> = {}): GroupView => ({
  ...{
    group: "create-shipment",
    topic: "order.events",
    worker: "create-shipment",
    state: "Stable",
    members: 1,
    lag: 0,
  },
  ...{ health: "ok", reason: "Caught up.", producePerSecond: 1, consumePerSecond: 1, timeLagMs: 0, etaMs: 0 },
  ...{ isGrowing: false, pausedBy: null, inWords: null, waiting: null, partitions: [], ...over },
});
const family = (over: { ready?: number } & Partial<FamilyView> = {}): FamilyView => {
  const { ready = 0, ...rest } = over;
  return {
    ...{
      name: "email",
      worker: "send-email",
      retries: [],
      deadInBroker: 0,
      deadInStore: 0,
      oldestMs: null,
      etaMs: null,
    },
    main: {
      ...{ name: "email", ready, unacked: 0, consumers: 1, inPerSecond: 0, outPerSecond: 0, ackPerSecond: 0 },
    },
    ...{ isGrowing: false, pausedBy: null, inWords: "", status: "ok", ...rest },
  };
};
const facts = (over: Partial<AlertFacts> = {}): AlertFacts => ({
  ...{
    at: now,
    known: { kafka: up, rabbitmq: up, queueSource: "management" },
    groups: [group()],
    families: [family()],
  },
  ...{ outbox: { unsent: 0, oldestMs: null }, letters: [], moneyAtRisk: [], stuck: [], ...over },
});
const found = (over: Partial<AlertFacts>, settings = new Map()) =>
  findConditions(facts(over), settings).map(({ rule, subject }) => `${rule} ${subject}`);

describe("D3: what pages somebody", () => {
  test("a healthy pipeline pages nobody", () => expect(found({})).toEqual([]));

  test.each<[string, Partial<AlertFacts>, string[]]>([
    ["a stalled worker", { groups: [group({ health: "stall", lag: 5 })] }, ["group-health group:create-shipment"]],
    ["a stopped worker", { groups: [group({ health: "stop", lag: 5 })] }, ["group-health group:create-shipment"]],
    [
      "a lag that grows",
      { groups: [group({ lag: 10_001, timeLagMs: 1_000, etaMs: null, isGrowing: true })] },
      ["lag group:create-shipment"],
    ],
    [
      "a lag that takes an hour to drain",
      { groups: [group({ lag: 50_000, timeLagMs: 400_000, etaMs: 3_600_000 })] },
      ["time-lag group:create-shipment", "lag group:create-shipment"],
    ],
    [
      "a worker that somebody paused and forgot",
      { groups: [group({ health: "stop", lag: 5, timeLagMs: 400_000, etaMs: null, pausedBy: "ada" })] },
      ["time-lag group:create-shipment"],
    ],
    ["a full queue that grows", { families: [family({ ready: 10_001, isGrowing: true })] }, ["lag queue:email"]],
    ["a queue nobody reads", { families: [family({ ready: 2, status: "no_consumer" })] }, ["no-consumer queue:email"]],
    [
      "51 dead mails",
      { letters: [{ source: "email", letters: 51, oldestMs: 60_000 }] },
      ["dead-letters letters:email"],
    ],
    [
      "a letter of two hours",
      { letters: [{ source: "label", letters: 1, oldestMs: 7_200_000 }] },
      ["oldest-letter letters:label"],
    ],
    [
      "much money of one currency",
      {
        moneyAtRisk: [
          { currency: "EUR", cents: 100_001 },
          { currency: "JPY", cents: 900 },
        ],
      },
      ["money-at-risk money:EUR"],
    ],
    [
      "an order that is stuck",
      { stuck: [{ kind: "job_lost", orders: 1, oldestMs: 5_000 }] },
      ["stuck-orders orders:job_lost"],
    ],
    ["an old event in the outbox", { outbox: { unsent: 3, oldestMs: 61_000 } }, ["outbox-age outbox"]],
    [
      "a broker that is away",
      {
        known: {
          kafka: up,
          rabbitmq: { isUp: false, since: now.toISOString(), reason: "no answer" },
          queueSource: "none",
        },
      },
      ["broker-away broker:rabbitmq"],
    ],
  ])("%s does", (_, over, expected) => expect(found(over)).toEqual(expected));

  test.each<[string, Partial<AlertFacts>]>([
    [
      "a lag that drains by itself within 10 minutes",
      { groups: [group({ lag: 500_000, timeLagMs: 3_600_000, etaMs: 599_000 })] },
    ],
    ["a queue that drains by itself", { families: [family({ ready: 50_000, etaMs: 60_000 })] }],
    ["a worker that somebody paused", { groups: [group({ health: "stop", lag: 5, pausedBy: "ada" })] }],
    ["a paused queue", { families: [family({ status: "paused", pausedBy: "ada" })] }],
    ["somebody else's group", { groups: [group({ worker: null, health: "stop", lag: 90_000 })] }],
    ["exactly as much as is allowed", { letters: [{ source: "email", letters: 50, oldestMs: 3_600_000 }] }],
  ])("%s does not", (_, over) => expect(found(over)).toEqual([]));

  test("a rule follows what somebody set, and one that is off says nothing", () => {
    const letters = [{ source: "email", letters: 10, oldestMs: 0 }];
    expect(found({ letters }, new Map([["dead-letters", { threshold: 5 }]]))).toEqual(["dead-letters letters:email"]);
    expect(found({ letters }, new Map([["dead-letters", { threshold: 5, isEnabled: false }]]))).toEqual([]);
  });

  test("each rule says in a sentence what it watches, and each alert links to its view", () => {
    const sentences = alertRules.map((rule) => showRule(rule, settingOf(rule)).sentence);
    expect(sentences).toContain(
      "Fires when more than 10,000 messages wait for a worker and will not be gone within 10 min for 30 s.",
    );
    const letters = [{ source: "email", letters: 51, oldestMs: 60_000 }];
    const { href, summary } = findConditions(facts({ letters }), new Map())[0]!;
    expect({ href, summary }).toEqual({
      href: "/dead-letters?tab=letters&source=email",
      summary: "51 dead letters of email wait, oldest 60 s.",
    });
  });
});

describe("an alert over time", () => {
  const condition = { rule: "lag", subject: "group:a", value: 1, summary: "much waits", href: "/" };
  const open = (over: Partial<OpenAlert> = {}): OpenAlert => ({
    ...condition,
    id: "1",
    status: "pending",
    since: now,
    ...over,
  });
  const step = (
    alerts: OpenAlert[],
    isWrong: boolean,
    afterMs: number,
    { fineSince = new Map(), isUp = true, forMs = 30_000 as number | null } = {},
  ) =>
    stepAlerts(alerts, isWrong ? [condition] : [], {
      known: { kafka: { ...up, isUp }, rabbitmq: up, queueSource: "management" },
      now: new Date(now.getTime() + afterMs),
      forMs: () => forMs,
      fineSince,
    });

  test("waits as long as its rule says before it fires", () => {
    expect(step([], true, 0).begin).toEqual([condition]);
    expect(step([open()], true, 29_000).fire).toEqual([]);
    expect(step([open()], true, 30_000).fire).toEqual(["1"]);
    expect(step([open({ status: "firing" })], true, 60_000).fire).toEqual([]);
  });
  test("is forgotten when it is fine before it fired", () =>
    expect(step([open()], false, 5_000).forget).toEqual(["1"]));
  test("is over when it was fine for 30 s without a break", () => {
    const fineSince = new Map<string, number>();
    const alert = open({ status: "acknowledged" });
    expect(step([alert], false, 0, { fineSince }).resolve).toEqual([]);
    expect(step([alert], true, 20_000, { fineSince }).resolve).toEqual([]);
    expect(step([alert], false, 25_000, { fineSince }).resolve).toEqual([]);
    expect(step([alert], false, 25_000 + FINE_FOR_MS - 1, { fineSince }).resolve).toEqual([]);
    expect(step([alert], false, 25_000 + FINE_FOR_MS, { fineSince }).resolve).toEqual(["1"]);
  });
  test("stays while nobody knows, and ends when its rule is switched off", () => {
    const firing = open({ status: "firing" });
    expect(step([firing], false, 90_000, { fineSince: new Map([["1", 0]]), isUp: false }).resolve).toEqual([]);
    expect(step([firing], false, 0, { forMs: null }).resolve).toEqual(["1"]);
  });
});

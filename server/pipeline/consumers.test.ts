import { expect, test } from "vitest";
import { groupReaders } from "#contracts/process-map";
import { showConsumers } from "./consumers.ts";
import { type Observed, windowKey } from "./read-observed.ts";

const up = { isUp: true, since: null, reason: null };
const observed = (wish: Partial<Observed> = {}): Observed => ({
  at: new Date(),
  known: { kafka: up, rabbitmq: up, queueSource: "amqp" },
  figures: null,
  groups: [
    {
      ...{ group: "foreign", topic: "t", state: "Stable", members: 1 },
      ...{ committed: ["1"], starts: ["0"], ends: ["1"], owners: [null], firstUnreadMs: [null] },
    },
  ],
  windows: new Map(),
  queues: [],
  waiting: new Map(),
  pauses: new Map([["order-saga", "lea@example.test"]]),
  retries: new Map(),
  dead: new Map(),
  outbox: { unsent: 0, oldestMs: null },
  placedPerSecond: null,
  scale: 1,
  prefix: "",
  ...wish,
});

test("A1: a worker of ours that Kafka does not know is shown as stopped, with who paused it", () => {
  const { groups } = showConsumers(observed());
  const ours = groups.filter(({ worker }) => worker !== null);
  expect(ours.map(({ worker }) => worker)).toEqual(groupReaders.map(({ worker }) => worker));
  expect(new Set(ours.map(({ health }) => health))).toEqual(new Set(["stop"]));
  expect(ours.find(({ worker }) => worker === "order-saga")?.pausedBy).toBe("lea@example.test");
});

test("the collector of dead letters is one of ours", () => {
  const collector = { group: "p.collect-dead-letters", topic: "p.order.events.dlt" };
  const [foreign] = observed().groups;
  const seen = observed({ prefix: "p.", groups: [foreign!, { ...foreign!, ...collector }] });
  const ours = showConsumers(seen).groups.filter(({ worker }) => worker !== null);
  expect(ours.at(-1)).toMatchObject({ ...collector, worker: "collect-dead-letters", inWords: "Nothing waits." });
});

test("A2: what waits where a worker never committed is its lag, and nobody else's", () => {
  const at = new Date("2026-11-21T10:00:00Z");
  const young = {
    ...{ topic: "order.events", state: "Empty", members: 0, committed: ["-1"], starts: ["4"], ends: ["9"] },
    ...{ owners: [null], firstUnreadMs: [at.getTime() - 360_000] },
  };
  const groups = ["create-shipment", "foreign"].map((group) => ({ ...young, group }));
  const window = [0, 2_000].map((ms) => ({ atMs: at.getTime() - 2_000 + ms, committed: -1n, start: 4n, end: 9n }));
  const windows = new Map(groups.map((group) => [windowKey(group), [window]]));
  const shown = showConsumers(observed({ at, groups, windows })).groups;
  const [ours, theirs] = groups.map(({ group }) => shown.find((one) => one.group === group)!);
  expect(ours).toMatchObject({ lag: 5, timeLagMs: 360_000, etaMs: null, partitions: [{ committed: null, lag: 5 }] });
  expect(theirs).toMatchObject({ lag: 0, health: "never_committed", partitions: [{ committed: null, lag: null }] });
});

test("all of its topic waits for a worker that was stopped before it ever committed", () => {
  const at = new Date("2026-11-21T10:00:00Z");
  const other = {
    ...{ group: "charge-payment", topic: "order.events", state: "Stable", members: 1, owners: ["w@1"] },
    ...{ committed: ["9"], starts: ["4"], ends: ["9"], firstUnreadMs: [null] },
  };
  const waiting = new Map([["reserved", { orders: 1, money: [], oldestAt: new Date(at.getTime() - 360_000) }]]);
  const windows = new Map([[windowKey(other), [[{ atMs: at.getTime(), committed: 9n, start: 4n, end: 9n }]]]]);
  const pauses = new Map([["create-shipment", "lea@example.test"]]);
  const { groups } = showConsumers(observed({ at, groups: [other], windows, waiting, pauses }));
  expect(groups.find(({ worker }) => worker === "create-shipment")).toMatchObject({
    ...{ lag: 5, timeLagMs: 360_000, etaMs: null, state: "Absent", health: "stop" },
    inWords: "1 reserved order waits for shipping, oldest 6 min, paused by lea@example.test.",
  });
  expect(groups.find(({ worker }) => worker === "charge-payment")).toMatchObject({ lag: 0, health: "ok" });
});

test("D7: while Kafka is silent, or before it was first seen, nobody is called stopped", () => {
  const silent = { isUp: false, since: null, reason: "no answer" };
  const known = { kafka: silent, rabbitmq: up, queueSource: "amqp" as const };
  expect(showConsumers(observed({ known })).groups).toHaveLength(1);
  expect(showConsumers(observed({ groups: [] })).groups).toEqual([]);
});

test.each([
  ["since the window began", 45_000],
  ["before the window began", 150_000],
])("A4: an age that nobody has read is estimated within 2 s from the pace at which records came, %s", (_, ageMs) => {
  const at = new Date();
  // 10 records a second, looked at every 10 s as when nobody watches.
  const endAt = (ms: number) => BigInt(Math.floor(ms / 100));
  const committed = endAt(at.getTime() - ageMs);
  const window = [-60_000, -50_000, -40_000, -30_000, -20_000, -10_000, 0].map((ms) => {
    const atMs = at.getTime() + ms;
    return { atMs, committed, end: endAt(atMs), start: 0n };
  });
  const [group] = observed().groups;
  const places = { committed: [String(committed)], ends: [String(window.at(-1)!.end)] };
  const windows = new Map([[windowKey(group!), [window]]]);
  const { groups } = showConsumers(observed({ at, windows, groups: [{ ...group!, ...places }] }));
  const [place] = groups.find((one) => one.group === "foreign")!.partitions;
  expect(place).toMatchObject({ timeLagIs: "estimated" });
  expect(Math.abs(place!.timeLagMs! - ageMs)).toBeLessThan(2_000);
});

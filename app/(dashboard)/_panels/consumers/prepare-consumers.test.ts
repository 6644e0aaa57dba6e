import { describe, expect, test } from "vitest";
import type { GroupView } from "#contracts/api/operations";
import { prepareConsumers, prepareGroup, prepareSentence } from "./prepare-consumers.ts";
import { aGroup, aPlace } from "./sample-groups.ts";

const ok = aGroup({});
const stopped = aGroup({
  group: "create-shipment",
  worker: "create-shipment",
  health: "stop",
  reason: "No commit for 42 s while 37 records came in.",
  lag: 37,
  timeLagMs: 360_000,
  isGrowing: true,
  inWords: "37 paid orders wait for shipping, 4,210.00 EUR, oldest 6 min, growing.",
});
const foreign = aGroup({ group: "console-consumer-1", worker: null, inWords: null, waiting: null });

test("our consumers come first, the worst of them on top; everybody else's are below", () => {
  const { ours, others } = prepareConsumers([foreign, ok, stopped]);
  expect(ours.map(({ name }) => name)).toEqual(["create-shipment", "charge-payment"]);
  expect(others.map(({ name }) => name)).toEqual(["console-consumer-1"]);
});

test("a line says what waits in words, how old it is and that there is no end in sight", () => {
  expect(prepareGroup(stopped)).toMatchObject({
    href: "/consumers/create-shipment",
    health: { label: "Stopped", tone: "bad" },
    lag: "37",
    age: "6 min",
    eta: "growing",
    sentence: expect.stringContaining("4,210.00 EUR"),
  });
});

test("a group that never committed has no lag to count", () => {
  const partitions = [aPlace({ lag: null, committed: null, health: "never_committed" })];
  expect(prepareGroup(aGroup({ partitions, health: "never_committed" })).lag).toBe("not counted");
});

test("a group's name may hold anything", () => {
  expect(prepareGroup(aGroup({ group: "team/a b" })).href).toBe("/consumers/team%2Fa%20b");
});

test("rates that nobody knows are not zero", () => {
  expect(prepareGroup(aGroup({ producePerSecond: null, consumePerSecond: null }))).toMatchObject({
    produce: "unknown",
    consume: "unknown",
  });
});

describe("the sentence on all consumers", () => {
  test.each<[string, GroupView[], string, string]>([
    ["all keep up", [ok, aGroup({ lag: 3 })], "good", "2 consumers keep up: 3 records on the way."],
    ["one has stopped", [ok, stopped], "bad", "create-shipment: stopped. 37 paid orders wait for shipping"],
    ["somebody has paused one", [aGroup({ pausedBy: "ada@example.com" })], "warn", "charge-payment: paused."],
    ["only others' are in trouble", [ok, aGroup({ ...foreign, health: "stop" })], "good", "1 consumer keeps up"],
    ["none of ours was seen", [foreign], "neutral", "None of our workers has been seen in Kafka yet."],
  ])("when %s", (_, groups, tone, sentence) => {
    const said = prepareSentence(groups);
    expect(said.tone).toBe(tone);
    expect(said.sentence).toContain(sentence);
  });
});

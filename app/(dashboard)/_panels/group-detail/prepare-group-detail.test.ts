import { expect, test } from "vitest";
import { aGroup, aPlace } from "../consumers/sample-groups.ts";
import { prepareHistory, preparePlaces, waitingHref } from "./prepare-group-detail.ts";

test("a partition opens its topic at the first unread record", () => {
  const partitions = [aPlace({ partition: 3, committed: "9007199254740993", end: "9007199254741000", lag: 7 })];
  expect(preparePlaces(aGroup({ partitions }))[0]).toMatchObject({
    committed: "9,007,199,254,740,993",
    lag: "7",
    href: "/topics/order.events?partition=3&from=offset&offset=9007199254740993",
  });
});

test("a partition that nobody has ever committed has no lag, and opens at its beginning", () => {
  const partitions = [aPlace({ committed: null, lag: null, member: null, health: "never_committed" })];
  expect(preparePlaces(aGroup({ partitions }))[0]).toMatchObject({
    committed: "never",
    lag: "not counted",
    member: "nobody",
    href: "/topics/order.events?partition=0&from=oldest",
  });
});

test("an age says whether it was read or estimated", () => {
  const partitions = [
    aPlace({ partition: 0, lag: 5, timeLagMs: 60_000, timeLagIs: "exact" }),
    aPlace({ partition: 1, lag: 5, timeLagMs: 60_000, timeLagIs: "estimated" }),
    aPlace({ partition: 2, lag: 5 }),
  ];
  expect(preparePlaces(aGroup({ partitions })).map(({ age }) => age)).toEqual(["60 s", "60 s, estimated", "unknown"]);
});

test("a partition into which more comes than goes out is growing", () => {
  const partitions = [aPlace({ lag: 5, producePerSecond: 3, consumePerSecond: 1 })];
  expect(preparePlaces(aGroup({ partitions }))[0]?.eta).toBe("growing");
});

test("leads to the orders that the worker holds up, where there are any", () => {
  const waiting = { orders: 2, money: [], oldestMs: 1_000 };
  expect(waitingHref(aGroup({ waiting }))).toBe("/orders?status=placed");
  expect(waitingHref(aGroup({}))).toBeNull();
  expect(waitingHref(aGroup({ worker: null, waiting: null }))).toBeNull();
});

test("the history can be read aloud", () => {
  const points = [
    { at: "2026-11-21T09:00:00.000Z", lag: 3, committed: 1, end: 4 },
    { at: "2026-11-21T09:30:00.000Z", lag: 1_200, committed: 1, end: 1_201 },
    { at: "2026-11-21T10:00:00.000Z", lag: 0, committed: 1_201, end: 1_201 },
  ];
  expect(prepareHistory({ points }).sentence).toBe("In the last 60 min the lag was 1,200 at most; it is 0 now.");
  expect(prepareHistory({ points: [] }).sentence).toBe("Nothing was sampled of this group yet.");
});

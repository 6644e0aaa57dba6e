import { expect, test } from "vitest";
import type { ObservedQueue } from "#server/messaging/rabbit-observe";
import { drain, nextReturn, queueMemory } from "./observe-queues.ts";

const queue = (ready: number, published: number | null = null, more: Partial<ObservedQueue> = {}): ObservedQueue => ({
  ...{
    name: "email",
    ready,
    unacked: published === null ? null : 0,
    consumers: 1,
    published,
    delivered: published,
    acked: published,
  },
  ...more,
});

test("rates come from counters, and are unknown without them", () => {
  const memory = queueMemory();
  memory.add(0, [queue(0, 100)]);
  const [managed] = memory.add(10_000, [queue(20, 160)]);
  expect(managed).toMatchObject({ inPerSecond: 6, outPerSecond: 6, ackPerSecond: 6, slope: 2 });
  const bare = queueMemory();
  bare.add(0, [queue(0)]);
  expect(bare.add(10_000, [queue(20)])[0]).toMatchObject({
    inPerSecond: null,
    outPerSecond: null,
    slope: 2,
    unacked: null,
  });
});

test("the oldest message is as old as the moment at which the counter passed it", () => {
  const memory = queueMemory();
  for (let second = 0; second <= 60; second += 2) memory.add(second * 1_000, [queue(Math.min(second, 30), second)]);
  // One comes each second, 30 wait: the oldest came half a minute ago.
  const [now] = memory.add(62_000, [queue(30, 62)]);
  expect(now!.oldestMs! / 1_000).toBeGreaterThanOrEqual(26);
  expect(now!.oldestMs! / 1_000).toBeLessThanOrEqual(32);
});

test("without counters it is at most as old as the queue has not been empty, also over a restart", () => {
  const memory = queueMemory();
  memory.add(0, [queue(0)]);
  const stored = memory.add(2_000, [queue(5)]);
  expect(queueMemory(stored).add(42_000, [queue(5)])[0]!.oldestMs).toBe(40_000);
  expect(queueMemory(stored).add(42_000, [queue(0)])[0]).toMatchObject({ oldestMs: null, busySinceMs: null });
});

test("a queue that was made anew has no negative rates", () => {
  const memory = queueMemory();
  memory.add(0, [queue(0, 1_000)]);
  memory.add(4_000, [queue(0, 0)]);
  expect(memory.add(8_000, [queue(0, 8)])[0]!.inPerSecond).toBe(2);
});

test("a queue is drained at the pace at which it shrinks", () => {
  expect(drain({ ready: 100, slope: -10 })).toEqual({ etaMs: 10_000, isGrowing: false });
  expect(drain({ ready: 100, slope: 3 })).toEqual({ etaMs: null, isGrowing: true });
  expect(drain({ ready: 100, slope: 0 })).toEqual({ etaMs: null, isGrowing: false });
  expect(drain({ ready: 0, slope: 5 })).toEqual({ etaMs: 0, isGrowing: false });
});

test("a waiting room says when the next comes back", () => {
  expect(nextReturn({ ready: 3, busySinceMs: 1_000 }, 30_000, 11_000)).toBe(20_000);
  expect(nextReturn({ ready: 2, busySinceMs: 0 }, 30_000, 100_000)).toBe(10_000);
  expect(nextReturn({ ready: 0, busySinceMs: null }, 30_000, 11_000)).toBeNull();
});

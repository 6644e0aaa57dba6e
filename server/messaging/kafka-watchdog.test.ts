import { expect, test } from "vitest";
import { createWatchdog, lagOf, type Place } from "./kafka-watchdog.ts";

const at = (committed: bigint, end: bigint, start = 0n): Place => ({ partition: 3, committed, start, end });
const LONG_AGO = -1_000_000;

test("a group that lags and stands still for a minute is stuck", () => {
  const stuck = createWatchdog(60_000);
  expect(stuck([at(5n, 9n)], LONG_AGO, 0)).toEqual([]);
  expect(stuck([at(5n, 9n)], LONG_AGO, 59_999)).toEqual([]);
  expect(stuck([at(5n, 12n)], LONG_AGO, 60_000)).toEqual([3]);
});

test("a group that moves, however slowly, is not stuck", () => {
  const stuck = createWatchdog(60_000);
  for (let minute = 0; minute < 10; minute += 1)
    expect(stuck([at(BigInt(minute), 100n)], LONG_AGO, minute * 59_000)).toEqual([]);
});

test("a batch that fails for an hour because the database is away is not a stuck consumer", () => {
  const stuck = createWatchdog(60_000);
  for (let second = 0; second < 3_600; second += 20)
    expect(stuck([at(5n, 9n)], second * 1_000 - 5_000, second * 1_000)).toEqual([]);
});

test("an empty partition that was never committed has no lag", () => {
  const stuck = createWatchdog(60_000);
  const untouched = at(-1n, 70n, 70n);
  expect(lagOf(untouched)).toBe(0n);
  expect(stuck([untouched], LONG_AGO, 0)).toEqual([]);
  expect(stuck([untouched], LONG_AGO, 600_000)).toEqual([]);
});

test("the lag of a group that never committed counts from what the broker still has", () => {
  expect(lagOf(at(-1n, 70n, 50n))).toBe(20n);
});

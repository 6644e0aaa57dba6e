import { describe, expect, test } from "vitest";
import { formatAge, formatDigits, formatEta, formatRate, formatWhole } from "./figures.ts";

test.each<[number | null, string]>([
  [null, "unknown"],
  [0, "0/s"],
  [0.03, "< 0.1/s"],
  [33.34, "33.3/s"],
  [1_204.4, "1,204/s"],
])("a rate of %s reads %s: unknown is never zero", (perSecond, text) => {
  expect(formatRate(perSecond)).toBe(text);
});

test("a number that nobody knows is not zero", () => {
  expect(formatWhole(null)).toBe("unknown");
  expect(formatWhole(12_345)).toBe("12,345");
});

test("an offset past 2^53 keeps every digit", () => {
  expect(formatDigits("9007199254740993")).toBe("9,007,199,254,740,993");
  expect(formatDigits("12")).toBe("12");
});

describe("the end of a backlog", () => {
  test.each<[number | null, number | null, boolean, string]>([
    [0, null, false, "caught up"],
    [10, null, true, "growing"],
    [10, 120_000, false, "about 2 min"],
    [10, null, false, "unknown"],
    [null, null, false, "unknown"],
  ])("%s waiting, %s ms, growing %s reads %s", (waiting, etaMs, isGrowing, text) => {
    expect(formatEta({ waiting, etaMs, isGrowing })).toBe(text);
  });
  test("is not in sight while somebody has paused the work", () => {
    const pausedBy = "ann@example.com";
    expect(formatEta({ waiting: 10, etaMs: null, isGrowing: true, pausedBy })).toBe("not while paused");
    expect(formatEta({ waiting: 0, etaMs: 0, isGrowing: false, pausedBy })).toBe("caught up");
  });
});

test("nothing waiting has no age; an unknown age is said to be unknown", () => {
  expect(formatAge(null, 0)).toBe("none");
  expect(formatAge(null, 3)).toBe("unknown");
  expect(formatAge(2_000, 3)).toBe("2.0 s");
});

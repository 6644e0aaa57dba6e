import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAgo, formatBytes, formatCount, formatDuration, formatMoney, formatMoneys } from "./format.ts";

test("money is shown to the cent", () => {
  expect(formatMoney(1290, "EUR")).toBe("12.90 EUR");
  expect(formatMoney(5, "EUR")).toBe("0.05 EUR");
  expect(formatMoney(123_456_789, "EUR")).toBe("1,234,567.89 EUR");
});

test("no amount of money loses a cent on its way to the screen", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000_000 }), (cents) => {
      expect(Number(formatMoney(cents, "EUR").replaceAll(/[^0-9]/g, ""))).toBe(cents);
    }),
  );
});

test.each([
  [-5, "0 ms"],
  [340, "340 ms"],
  [2_400, "2.4 s"],
  [42_000, "42 s"],
  [360_000, "6 min"],
  [3 * 3_600_000, "3 h"],
  [48 * 3_600_000, "2 d"],
])("%i ms reads %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("sums of several currencies stand side by side and are never added up", () => {
  expect(
    formatMoneys([
      { currency: "CHF", cents: 500 },
      { currency: "EUR", cents: 1290 },
    ]),
  ).toBe("12.90 EUR + 5.00 CHF");
  expect(formatMoneys([])).toBe("–");
});

test("one is told from many", () => {
  expect(formatCount(1, "letter")).toBe("1 letter");
  expect(formatCount(1_204, "letter")).toBe("1,204 letters");
  expect(formatCount(2, "cause waits", "causes wait")).toBe("2 causes wait");
});

test("an age is never negative, whatever the clocks say", () => {
  const now = Date.parse("2026-11-21T10:00:00.000Z");
  expect(formatAgo("2026-11-21T10:00:05.000Z", now)).toBe("just now");
  expect(formatAgo("2026-11-21T09:54:00.000Z", now)).toBe("6 min ago");
});

test.each([
  [812, "812 B"],
  [4_200, "4.2 kB"],
  [64_000_000, "64 MB"],
])("%i bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

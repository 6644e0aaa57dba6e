import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, formatMoney } from "./format.ts";

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

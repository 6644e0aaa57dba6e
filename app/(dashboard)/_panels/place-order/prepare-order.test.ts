import { expect, test } from "vitest";
import { CheckoutRequest } from "#contracts/api/checkout";
import type { Catalogue } from "#contracts/api/overview";
import { type Preset, prepareFlashSale, prepareOrder, presets, totalCents } from "./prepare-order.ts";

const catalogue: Catalogue = {
  products: [{ sku: "TEA", name: "Tea", category: "tea", priceCents: 1290, currency: "EUR", available: 5 }],
  customers: [{ id: "018f4e5c-0000-7000-8000-000000000001", name: "Ada", country: "DE" }],
};
const chosen = new Map([["TEA", 2]]);

test.each(Object.keys(presets) as Preset[])("the preset %s is an order that checkout understands", (preset) => {
  expect(CheckoutRequest.safeParse(prepareOrder(preset, catalogue, chosen)).success).toBe(true);
});

test("a total is the sum of what was chosen", () => {
  expect(totalCents(catalogue, chosen)).toBe(2580);
});

test("what is meant to fail or to linger is a test order, what ships is not", () => {
  const tests = (Object.keys(presets) as Preset[]).filter((preset) => prepareOrder(preset, catalogue, chosen)!.isTest);
  expect(tests).toEqual(["slow", "declined", "soldOut", "badAddress"]);
});

test.each([
  [{ isRunning: true, placed: 500, refused: 0 }, 25, "500 of 2,000 orders placed, at 2,000 a minute."],
  [{ isRunning: false, placed: 500, refused: 0 }, 25, "500 of 2,000 orders placed, stopped."],
  [{ isRunning: false, placed: 1_990, refused: 10 }, 100, "1,990 of 2,000 orders placed, done."],
])("a flash sale says how far it is: %j", (sale, percent, sentence) => {
  const startedAt = "2026-11-21T10:00:00.000Z";
  expect(prepareFlashSale({ ...sale, ratePerMinute: 2_000, total: 2_000, startedAt })).toEqual({ percent, sentence });
});

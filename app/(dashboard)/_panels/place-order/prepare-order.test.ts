import { expect, test } from "vitest";
import { CheckoutRequest } from "#contracts/api/checkout";
import type { Catalogue } from "#contracts/api/overview";
import { type Preset, prepareOrder, presets, totalCents } from "./prepare-order.ts";

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

import type { CheckoutRequest } from "#contracts/api/checkout";
import type { Catalogue, Generator } from "#contracts/api/overview";

/** Orders worth rehearsing, each with what becomes of it. */
export const presets = {
  card: { label: "Card, all fine", outcome: "Ships within seconds." },
  express: { label: "Express", outcome: "Ships with the express carrier." },
  cod: { label: "Cash on delivery", outcome: "Ships without a capture." },
  slow: { label: "Slow carrier", outcome: "The carrier takes 6 s to answer; ships all the same. A test order." },
  declined: { label: "Declined card", outcome: "Ends in “payment failed”; nothing is charged. A test order." },
  soldOut: { label: "Sold out", outcome: "Paid, then refunded and cancelled. A test order." },
  badAddress: {
    label: "Impossible address",
    outcome: "The carrier refuses: released, refunded, cancelled. A test order.",
  },
} as const;
export type Preset = keyof typeof presets;

/** What is meant to fail or to linger is a test order: shown as such, and no money in the totals. */
const rehearsals: ReadonlySet<Preset> = new Set(["slow", "declined", "soldOut", "badAddress"]);

const address = { line1: "Market Street 12", postalCode: "10115", city: "Berlin", country: "DE" };

/** The order of a preset, for the first customer and the goods chosen. Pure. */
export function prepareOrder(preset: Preset, { customers }: Catalogue, quantities: ReadonlyMap<string, number>) {
  const customer = customers[0];
  if (!customer) return null;
  const chosen = [...quantities].filter(([, quantity]) => quantity > 0).map(([sku, quantity]) => ({ sku, quantity }));
  return {
    customerId: customer.id,
    lines: preset === "soldOut" ? [{ sku: "SOLD-OUT", quantity: 1 }] : chosen,
    paymentMethod: preset === "cod" ? "cod" : "prepaid",
    card: preset === "declined" ? "declined" : "ok",
    express: preset === "express",
    shippingAddress: {
      ...{ ...address, name: customer.name },
      ...(preset === "badAddress" && { postalCode: "nowhere" }),
      ...(preset === "slow" && { line1: "SLOW Lane 6" }),
    },
    isTest: rehearsals.has(preset),
  } satisfies CheckoutRequest;
}

/** What the chosen goods cost, cents; the price that counts is made by checkout. */
export const totalCents = ({ products }: Catalogue, quantities: ReadonlyMap<string, number>): number =>
  products.reduce((sum, { sku, priceCents }) => sum + priceCents * (quantities.get(sku) ?? 0), 0);

/** How far a flash sale is, in one sentence. Pure. */
export function prepareFlashSale({
  isRunning,
  ratePerMinute,
  total,
  placed,
  refused,
}: NonNullable<Generator["flashSale"]>) {
  const done = placed + refused;
  const number = (value: number) => value.toLocaleString("en-GB");
  const state = isRunning ? `at ${number(ratePerMinute)} a minute` : done < total ? "stopped" : "done";
  return {
    percent: (done / total) * 100,
    sentence: `${number(placed)} of ${number(total)} orders placed, ${state}.`,
  };
}

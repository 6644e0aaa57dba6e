import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stateAfter } from "./as-of.ts";
import { movesOf } from "./order-status.ts";

const order = { number: 7, currency: "EUR", totalCents: 1_290, paymentMethod: "prepaid" };
const line = { sku: "TEA-POT", quantity: 1 };
const told = (seq: number, type: string, data: Record<string, unknown> = {}) => ({
  seq,
  type,
  occurredAt: `2026-11-21T00:00:0${seq}.000Z`,
  data: { order, ...data },
});
const history = [
  told(1, "order.placed", { lines: [line], express: false, shippingAddress: { name: "Ada", city: "Berlin" } }),
  told(2, "payment.captured", { amountCents: 1_290, chargeId: "pi_1" }),
  told(3, "inventory.reserved", { lines: [line] }),
  told(4, "shipping.failed", { reason: "no such street" }),
  told(5, "inventory.released", { lines: [line] }),
  told(6, "payment.refunded", { amountCents: 1_290, refundId: "re_1" }),
  told(7, "order.cancelled", { reason: "no such street" }),
];
const id = "018f4e5c-0000-7000-8000-000000000001";

describe("an order as of one of its events", () => {
  test("has the status that its history led to, after each of them", () => {
    for (const { seq } of history)
      expect(stateAfter(id, history, seq).status).toBe(movesOf(history.slice(0, seq).map(({ type }) => type)).status);
  });

  test("knows of the money, the goods and the parcel what was known then, and nothing of later", () => {
    expect(stateAfter(id, history, 1)).toMatchObject({
      payment: "open",
      stock: "open",
      parcel: "open",
      total: "12.90 EUR",
    });
    expect(stateAfter(id, history, 3)).toMatchObject({
      payment: "captured, 12.90 EUR",
      stock: "reserved: 1 × TEA-POT",
    });
    expect(stateAfter(id, history, 3)).not.toHaveProperty("cancelReason");
    expect(stateAfter(id, history, 7)).toMatchObject({
      status: "cancelled",
      payment: "given back, 12.90 EUR",
      stock: "released: 1 × TEA-POT",
      parcel: "refused: no such street",
    });
  });

  test("is the same however often and in whatever order the history is read", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...history, ...history], { minLength: 14 }),
        fc.integer({ min: 1, max: 7 }),
        (facts, seq) => {
          expect(stateAfter(id, facts, seq)).toEqual(stateAfter(id, history, seq));
        },
      ),
    );
  });
});

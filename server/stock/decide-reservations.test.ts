import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideReservations } from "./decide-reservations.ts";

const sku = fc.constantFrom("A", "B", "C");
const wishes = fc.array(
  fc.record({
    orderId: fc.uuid(),
    lines: fc.array(fc.record({ sku, quantity: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 30 },
);
const available = fc.dictionary(sku, fc.integer({ min: 0, max: 20 })).map((levels) => new Map(Object.entries(levels)));

describe("a batch of orders and the pieces there are", () => {
  test("never gives away more than there is, and every piece taken belongs to a reserved order", () => {
    fc.assert(
      fc.property(available, wishes, (levels, batch) => {
        const { reserved, taken } = decideReservations(levels, batch);
        const sums = new Map<string, number>();
        for (const { lines } of reserved)
          for (const line of lines) sums.set(line.sku, (sums.get(line.sku) ?? 0) + line.quantity);
        expect(taken).toEqual(sums);
        for (const [one, pieces] of taken) expect(pieces).toBeLessThanOrEqual(levels.get(one) ?? 0);
      }),
    );
  });

  test("answers every order once", () => {
    fc.assert(
      fc.property(available, wishes, (levels, batch) => {
        const { reserved, rejected } = decideReservations(levels, batch);
        expect(reserved.length + rejected.length).toBe(batch.length);
      }),
    );
  });

  test("first come, first served: what the first can't have is there for the next", () => {
    const decision = decideReservations(new Map([["A", 3]]), [
      { orderId: "big", lines: [{ sku: "A", quantity: 5 }] },
      { orderId: "small", lines: [{ sku: "A", quantity: 3 }] },
      { orderId: "late", lines: [{ sku: "A", quantity: 1 }] },
    ]);
    expect(decision.reserved.map(({ orderId }) => orderId)).toEqual(["small"]);
    expect(decision.rejected).toEqual([
      { orderId: "big", missing: [{ sku: "A", quantity: 5, available: 3 }] },
      { orderId: "late", missing: [{ sku: "A", quantity: 1, available: 0 }] },
    ]);
  });

  test("an order that names a SKU twice wants the sum", () => {
    const twice = {
      orderId: "x",
      lines: [
        { sku: "A", quantity: 2 },
        { sku: "A", quantity: 2 },
      ],
    };
    expect(decideReservations(new Map([["A", 3]]), [twice]).reserved).toEqual([]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { orderStatuses } from "#contracts/vocabulary";
import { allowedFrom, allowedMoves, movesOf, statusAfter } from "./order-status.ts";

test("an order's straight road is allowed, by card and cash on delivery", () => {
  const card = ["order.placed", "payment.captured", "inventory.reserved", "shipping.created", "order.delivered"];
  const cod = ["order.placed", "payment.deferred", "inventory.reserved", "shipping.created"];
  expect(movesOf(card)).toEqual({ status: "delivered", isLegal: true });
  expect(movesOf(cod)).toEqual({ status: "shipped", isLegal: true });
});

test("money that comes after a cancellation moves nothing and breaks nothing", () => {
  expect(movesOf(["order.placed", "order.cancelled", "payment.captured", "payment.refunded"])).toEqual({
    status: "cancelled",
    isLegal: true,
  });
});

test("no road leads out of an end", () => {
  for (const end of ["delivered", "payment_failed", "cancelled"] as const) expect(allowedMoves[end]).toEqual([]);
});

test("a parcel that left is never cancelled, and nothing ships before it is reserved", () => {
  expect(allowedFrom("cancelled")).not.toContain("shipped");
  expect(allowedFrom("shipped")).toEqual(["reserved"]);
});

test("every history that the table allows is legal, and one forbidden move makes it illegal", () => {
  const types = [
    "payment.captured",
    "payment.failed",
    "inventory.reserved",
    "shipping.created",
    "order.delivered",
    "order.cancelled",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...types), { maxLength: 8 }), (tail) => {
      const { status, isLegal } = movesOf(["order.placed", ...tail]);
      let at = orderStatuses[0] as (typeof orderStatuses)[number];
      let expected = true;
      for (const type of tail) {
        const to = statusAfter(type)!;
        if (at === "cancelled" && type === "payment.captured") continue;
        expected &&= allowedMoves[at].includes(to);
        at = to;
      }
      expect({ status, isLegal }).toEqual({ status: at, isLegal: expected });
    }),
  );
});

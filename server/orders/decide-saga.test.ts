import { describe, expect, test } from "vitest";
import { decideStep } from "./decide-saga.ts";

const message = (type: string, data: object = {}) => ({ type, orderId: "1", data }) as never;
const unknown = { status: undefined, late: undefined };
const late = (status: string, isInFlight: boolean) => ({
  status: undefined,
  late: { orderId: "1", status, isInFlight } as never,
});

describe("the saga's judgement", () => {
  test.each([
    ["inventory.rejected", "out of stock"],
    ["shipping.failed", "no such postal code"],
  ])("%s undoes the order and keeps the reason", (type, reason) => {
    expect(decideStep(message(type, { reason }), unknown)).toEqual({ kind: "compensate", reason });
  });

  test("money for a living order is good news, money for a cancelled one goes back", () => {
    expect(decideStep(message("payment.captured"), { status: "paid", late: undefined }).kind).toBe("none");
    expect(decideStep(message("payment.captured"), { status: "cancelled", late: undefined }).kind).toBe("compensate");
  });

  test.each(["placed", "paid", "reserved"])(
    "a deadline undoes a %s order only where nothing may be under way",
    (status) => {
      expect(decideStep(message("order.deadline"), late(status, false)).kind).toBe("compensate");
      expect(decideStep(message("order.deadline"), late(status, true)).kind).toBe("stuck");
    },
  );

  test.each(["shipped", "delivered", "payment_failed", "cancelled"])("a deadline leaves a %s order alone", (status) => {
    expect(decideStep(message("order.deadline"), late(status, false)).kind).toBe("none");
  });
});

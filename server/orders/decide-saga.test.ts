import { describe, expect, test } from "vitest";
import { DELIVERY_WATCH_DAYS, decideStep, deliveryCheckDelayMs } from "./decide-saga.ts";

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

test("a parcel is asked for by the minute at first, then less and less often, for a month", () => {
  const waits: number[] = [];
  for (let wait = deliveryCheckDelayMs(0); wait !== null; wait = deliveryCheckDelayMs(waits.length)) waits.push(wait);
  expect(waits.slice(0, 10)).toEqual(Array(10).fill(60_000));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBe(6 * 3_600_000);
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  expect(days).toBeGreaterThanOrEqual(DELIVERY_WATCH_DAYS - 0.5);
  expect(days).toBeLessThan(DELIVERY_WATCH_DAYS + 1);
});

import { describe, expect, test } from "vitest";
import { type OrderRecords, rebuildEvent } from "./rebuild-event.ts";

const id = (last: number) => `018f4e5c-0000-7000-8000-00000000000${last}`;
const types = ["order.placed", "payment.captured", "inventory.reserved", "shipping.created"];
const without = (...seqs: number[]) =>
  types.map((type, index) => ({ seq: index + 1, type })).filter(({ seq }) => !seqs.includes(seq));

const shipped = (more: Partial<OrderRecords> = {}): OrderRecords => ({
  orderId: id(1),
  correlationId: id(2),
  status: "shipped",
  lastSeq: 4,
  summary: {
    number: 7,
    country: "DE",
    category: "tea",
    paymentMethod: "prepaid",
    totalCents: 1_290,
    currency: "EUR",
    isTest: false,
  },
  placed: {
    customerId: id(3),
    lines: [{ sku: "TEA-POT", name: "Tea pot", quantity: 1, unitPriceCents: 1_290 }],
    shippingAddress: { name: "Ada", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE" },
    express: false,
    paymentToken: "pm_1",
  },
  payment: { id: id(4), status: "captured", chargeId: "pi_1", declineReason: null, amountCents: 1_290 },
  refund: null,
  reserved: [{ sku: "TEA-POT", quantity: 1 }],
  shipment: { id: id(5), carrierId: "c_1", carrier: "DHL", trackingNumber: "T1" },
  saga: { status: "running", cancelReason: null },
  history: without(),
  ...more,
});

describe("an event that is gone", () => {
  test.each([1, 2, 3, 4])("is made again from what was done: event %i", (seq) => {
    const event = rebuildEvent(shipped({ history: without(seq) }), seq);
    expect(event?.type).toBe(types[seq - 1]);
    expect(event?.data).toMatchObject({ order: { number: 7 } });
  });

  test("is told from another that is gone too by the order in which things are done", () => {
    expect(rebuildEvent(shipped({ history: without(2, 4) }), 2)?.type).toBe("payment.captured");
    expect(rebuildEvent(shipped({ history: without(2, 4) }), 4)?.type).toBe("shipping.created");
  });

  test("is not made up where the tables do not say what it was", () => {
    expect(rebuildEvent(shipped({ history: without(3), lastSeq: 5 }), 3)).toBeNull();
    expect(rebuildEvent(shipped({ lastSeq: 5 }), 5)).toBeNull();
    expect(rebuildEvent(shipped({ history: without(4), shipment: null }), 4)).toBeNull();
    expect(rebuildEvent(shipped(), 2)).toBeNull();
  });
});

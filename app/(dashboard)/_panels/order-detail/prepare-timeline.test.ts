import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderDetail, OrderEvent } from "#contracts/api/orders";
import { prepareNext, prepareSpeed, prepareTimeline } from "./prepare-timeline.ts";

const event = (seq: number, type: string, data: Record<string, unknown> = {}): OrderEvent => ({
  eventId: `018f4e5c-0000-7000-8000-00000000000${seq}`,
  seq,
  type,
  source: "checkout",
  occurredAt: new Date(Date.UTC(2026, 10, 21) + seq * 1_000).toISOString(),
  sentAt: null,
  kafkaPartition: null,
  kafkaOffset: null,
  data,
});
const history = [
  event(1, "order.placed"),
  event(2, "payment.captured"),
  event(3, "inventory.reserved"),
  event(4, "shipping.created"),
];

const detail = (status: OrderDetail["order"]["status"], more: Partial<OrderDetail> = {}): OrderDetail => ({
  order: {
    orderId: "018f4e5c-0000-7000-8000-000000000001",
    number: 7,
    status,
    customerName: "Ada",
    country: "DE",
    category: "tea",
    paymentMethod: "prepaid",
    totalCents: 1290,
    currency: "EUR",
    isTest: false,
    lastType: "order.placed",
    lastSeq: 1,
    placedAt: "2026-11-21T00:00:00.000Z",
    changedAt: "2026-11-21T00:00:00.000Z",
  },
  lines: [],
  shippingAddress: {},
  express: false,
  events: [],
  mails: [],
  documents: [],
  webhooks: [],
  stuckSince: null,
  waiting: [],
  ...more,
});

describe("the timeline", () => {
  test("is the same however often and in whatever order the events arrive", () => {
    const shuffled = fc.shuffledSubarray([...history, ...history], { minLength: 8 });
    fc.assert(
      fc.property(shuffled, (events) => {
        expect(prepareTimeline(events)).toEqual(prepareTimeline(history));
      }),
    );
  });

  test("tells how long each step took", () => {
    expect(prepareTimeline(history).map(({ tookMs }) => tookMs)).toEqual([null, 1_000, 1_000, 1_000]);
    expect(prepareSpeed(history)).toBe("placed → shipped in 3.0 s");
  });
});

describe("what comes next", () => {
  test("a failed payment says why", () => {
    const events = [event(1, "order.placed"), event(2, "payment.failed", { reason: "insufficient_funds" })];
    expect(prepareNext(detail("payment_failed", { events }))).toContain("insufficient_funds");
  });

  test("a waiting retry is told before anything else would be", () => {
    const waiting = [
      { consumer: "charge-payment", dueAt: "2026-11-21T00:00:00.000Z", attempts: 2, lastError: "no answer" },
    ];
    expect(prepareNext(detail("placed", { waiting }))).toBe(
      "Waiting for another attempt of charge-payment (2 made): no answer.",
    );
  });

  test("a cancelled order says whether money went back", () => {
    expect(
      prepareNext(detail("cancelled", { events: [event(1, "payment.refunded", { reason: "out of stock" })] })),
    ).toBe("Done: cancelled (out of stock). The money went back.");
  });
});

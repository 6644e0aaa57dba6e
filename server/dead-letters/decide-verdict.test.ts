import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workers } from "#workers";
import { decideVerdict, type LetterFacts } from "./decide-verdict.ts";

const noon = new Date("2026-11-21T12:00:00.000Z");
const facts = (some: Partial<LetterFacts>): LetterFacts => ({
  ...{
    consumer: "send-email",
    about: "order_received",
    seq: null,
    payloadFault: null,
    processedAt: null,
    effect: null,
  },
  ...{ order: { status: "paid", endedAt: null, cancelReason: null }, refundedAt: null, appliedSeq: null },
  payment: { status: "captured", amountCents: 1_205, currency: "EUR", settledAt: noon },
  ...some,
});
const cancelled = { status: "cancelled", endedAt: noon, cancelReason: "out of stock" } as const;
const refunded = { status: "refunded", amountCents: 1_205, currency: "EUR", settledAt: noon } as const;
const orderAt = (status: "reserved" | "shipped" | "payment_failed") => ({ status, endedAt: null, cancelReason: null });

describe("the verdict on a replay", () => {
  it.each<[string, Partial<LetterFacts>, string, RegExp]>([
    [
      "an effect that is not there",
      {},
      "safe",
      /^send-email has not done it yet; its order is “Paid”, its payment “Captured”\.$/,
    ],
    ["a message of no order", { order: null, payment: null }, "safe", /no order we know/],
    ["a message in the inbox", { processedAt: noon }, "already_done", /at 2026-11-21 12:00:00 UTC: its inbox/],
    [
      "a mail sent under another id",
      { effect: { what: "The mail “Order received” was sent", at: noon } },
      "already_done",
      /was sent at 2026/,
    ],
    ["a message nobody can read", { payloadFault: "data.kind: Required" }, "payload_not_valid", /data\.kind/],
    [
      "a message that was done and can't be read now",
      { processedAt: noon, payloadFault: "x" },
      "already_done",
      /inbox/,
    ],
    [
      "a charge whose money is ours",
      { consumer: "charge-payment", about: "order.placed" },
      "would_charge_twice",
      /^12\.05 EUR .* captured at 2026/,
    ],
    [
      "a refund that went back",
      { consumer: "order-saga", about: "shipping.failed", order: cancelled, payment: refunded, refundedAt: noon },
      "would_charge_twice",
      /went back at/,
    ],
    [
      "a refund that is still owed",
      { consumer: "order-saga", about: "shipping.failed", order: cancelled },
      "safe",
      /“Cancelled”/,
    ],
    [
      "a good word for a cancelled order",
      { order: cancelled, about: "order_confirmed" },
      "order_ended",
      /cancelled at 2026-11-21 12:00:00 UTC \(out of stock\): the mail “Order confirmed” would/,
    ],
    [
      "a mail about an order whose card was declined",
      { about: "payment_failed", order: orderAt("payment_failed"), payment: null },
      "safe",
      /its order is “Payment failed”\.$/,
    ],
    ["a bad word for a cancelled order", { order: cancelled, about: "order_cancelled" }, "safe", /“Cancelled”/],
    [
      "a picking order to a partner, cancelled",
      { consumer: "deliver-webhook", about: "payment.captured", order: cancelled },
      "order_ended",
      /payment\.captured would carry it on/,
    ],
    [
      "a step of a refunded order",
      { consumer: "create-shipment", about: "inventory.reserved", payment: refunded, refundedAt: noon },
      "order_ended",
      /refunded at/,
    ],
    [
      "a charge of a refunded order",
      { consumer: "charge-payment", about: "order.placed", order: cancelled, payment: refunded },
      "order_ended",
      /cancelled/,
    ],
    [
      "a step of an order whose card was declined",
      { consumer: "render-invoice", about: "invoice.render", order: orderAt("payment_failed") },
      "order_ended",
      /unpaid/,
    ],
    [
      "a fact about a cancelled order for the books",
      { consumer: "keep-audit", about: "payment.captured", order: cancelled },
      "safe",
      /“Cancelled”/,
    ],
    [
      "stock for an order that has it",
      { consumer: "reserve-stock", about: "payment.captured", order: orderAt("shipped") },
      "superseded",
      /“Shipped” already/,
    ],
    [
      "an event that the view is ahead of",
      { consumer: "project-orders", about: "order.placed", seq: 1, appliedSeq: 4 },
      "superseded",
      /event 4 .* order\.placed is event 1/,
    ],
    [
      "the view's next event",
      { consumer: "project-orders", about: "payment.captured", seq: 5, appliedSeq: 4 },
      "safe",
      /./,
    ],
  ])("on %s", (_, some, verdict, reason) => {
    expect(decideVerdict(facts(some))).toEqual({ verdict, reason: expect.stringMatching(reason) });
  });

  it("is one sentence, whatever it is", () => {
    for (const status of ["cancelled", "payment_failed", "shipped"] as const)
      expect(decideVerdict(facts({ order: { ...cancelled, status } })).reason).toMatch(/^[A-Z0-9a-z-][^\n]*\.$/);
  });

  it("calls workers by their names", () => {
    const named = readFileSync(join(import.meta.dirname, "decide-verdict.ts"), "utf8").matchAll(/"([a-z]+-[a-z]+)"/g);
    const names = new Set(workers.map(({ name }) => name));
    expect([...named].map(([, name]) => name).filter((name) => !names.has(name!))).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { events } from "#contracts/messages/index";
import { tasksFor } from "./tasks-for.ts";

const endpoints = [
  { id: "018f4e5c-0000-7000-8000-00000000000a", factTypes: ["payment.captured"] },
  { id: "018f4e5c-0000-7000-8000-00000000000b", factTypes: ["shipping.created"] },
];

const fact = (type: string, paymentMethod = "prepaid") =>
  ({
    id: "018f4e5c-0000-7000-8000-000000000001",
    type,
    orderId: "018f4e5c-0000-7000-8000-000000000002",
    occurredAt: "2026-11-21T10:00:00.000Z",
    data: {
      order: {
        number: 7,
        country: "DE",
        category: "tea",
        paymentMethod,
        totalCents: 1,
        currency: "EUR",
        isTest: false,
      },
      reason: "r",
      carrier: "c",
      trackingNumber: "t",
    },
  }) as never;

/** What a fact asks for, in short: `email.send order_confirmed p9`. */
const asked = (type: string, paymentMethod?: string) =>
  tasksFor(fact(type, paymentMethod), endpoints).map((ask) => {
    if (ask.command === "fact") return `fact ${ask.via?.routingKey}`;
    const kind = (ask.data as { kind?: string }).kind;
    return [ask.command.type, kind, ask.priority && `p${ask.priority}`, ask.through?.name, ask.via?.routingKey]
      .filter(Boolean)
      .join(" ");
  });

test.each([
  ["order.placed", ["fact order.de.tea.order.placed", "email.send order_received confirmation.delay"]],
  [
    "payment.captured",
    [
      "fact order.de.tea.payment.captured",
      "email.send order_confirmed p9",
      "invoice.render prepaid",
      "webhook.deliver",
    ],
  ],
  ["payment.failed", ["fact order.de.tea.payment.failed", "email.send payment_failed p9"]],
  ["inventory.reserved", ["fact order.de.tea.inventory.reserved"]],
  [
    "shipping.created",
    ["fact order.de.tea.shipping.created", "email.send order_shipped p5", "label.render", "webhook.deliver"],
  ],
  ["order.cancelled", ["fact order.de.tea.order.cancelled", "email.send order_cancelled p5"]],
])("%s asks for %o", (type, tasks) => {
  expect(asked(type)).toEqual(tasks);
});

test("cash on delivery gets its invoice through its own key", () => {
  expect(asked("payment.deferred", "cod")).toContain("invoice.render cod");
});

test("every event is announced to those who listen on RabbitMQ", () => {
  for (const { type } of events) expect(asked(type)[0]).toBe(`fact order.de.tea.${type}`);
});

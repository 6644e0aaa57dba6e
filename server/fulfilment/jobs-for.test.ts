import { expect, test } from "vitest";
import { toRabbitMessage } from "#server/messaging/publish-asks";
import { jobsFor } from "./jobs-for.ts";
import { tasksFor } from "./tasks-for.ts";

const fact = {
  id: "018f4e5c-0000-7000-8000-000000000001",
  type: "payment.captured",
  version: 1,
  orderId: "018f4e5c-0000-7000-8000-000000000002",
  seq: 2,
  occurredAt: "2026-11-21T00:00:00.000Z",
  source: "test",
  correlationId: "018f4e5c-0000-7000-8000-000000000003",
  causationId: null,
  data: { order: { number: 7, country: "DE", category: "tea", paymentMethod: "prepaid" } },
};
const endpoints = [{ id: "018f4e5c-0000-7000-8000-000000000004", factTypes: ["payment.captured"] }];

test("a fact's jobs have the ids under which RabbitMQ gets them", () => {
  const sent = tasksFor(fact as never, endpoints).map((ask) => toRabbitMessage(ask, fact as never, "test").messageId);
  expect(jobsFor(fact, endpoints).map(({ messageId }) => messageId)).toEqual(sent);
});

test("a captured payment asks for a copy, a mail, an invoice and the partner's webhook", () => {
  expect(jobsFor(fact, endpoints).map(({ worker, about }) => [worker, about])).toEqual([
    ["keep-audit", null],
    ["send-email", "order_confirmed"],
    ["render-invoice", null],
    ["deliver-webhook", endpoints[0]!.id],
  ]);
});

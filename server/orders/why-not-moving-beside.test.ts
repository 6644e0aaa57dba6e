import { describe, test } from "vitest";
import {
  ago,
  all,
  emailJob,
  eventIdOf,
  group,
  handled,
  others,
  paid,
  pause,
  placed,
  rejected,
  reserved,
  retry,
  shipped,
  storyEvent,
  storyFacts,
  storyLetter,
} from "./test-story-facts.ts";
import { expectWhy, type WhyCase } from "./why-test-cases.ts";

const cases: WhyCase[] = [
  ...(["send-email", "render-invoice", "render-label", "deliver-webhook", "keep-audit"] as const).map(
    (consumer): WhyCase => [
      `a job is dead in ${consumer}`,
      storyFacts({
        events: [placed, paid, reserved, shipped],
        order: { status: "shipped" },
        done: handled([placed, paid, reserved, shipped], all),
        letters: [storyLetter({ consumer, messageType: "a.job", messageId: emailJob.messageId })],
      }),
      new RegExp(`^a\\.job is dead in ${consumer} since`),
      false,
      /dead-letters/,
    ],
  ),
  [
    "the goods are sold out and nobody has begun to undo",
    storyFacts({
      events: [placed, paid, rejected],
      order: { status: "paid" },
      done: handled([placed, paid, rejected], others("order-saga")),
    }),
    /^Stock could not be reserved; it is to be undone\. Waits for order-saga/,
    false,
    /order-saga/,
  ],
  [
    "the goods are sold out and the money goes back",
    storyFacts({
      events: [placed, paid, rejected],
      order: { status: "cancelled" },
      done: handled([placed, paid], all),
      saga: { status: "compensating", deadlineAt: ago(0), cancelReason: "out of stock", stuckSince: null },
      refunds: [{ key: "r", amountCents: 1_290, reason: "out of stock", createdAt: ago(500), settledAt: null }],
    }),
    /^Order 7 is being undone \(out of stock\): the money goes back first\.$/,
    true,
    /order-saga/,
  ],
  [
    "the provider is away while it is undone",
    storyFacts({
      events: [placed, paid, rejected],
      order: { status: "cancelled" },
      saga: { status: "compensating", deadlineAt: ago(0), cancelReason: "out of stock", stuckSince: null },
      refunds: [{ key: "r", amountCents: 1_290, reason: "out of stock", createdAt: ago(500), settledAt: null }],
      retries: [retry("order-saga", 3, "down")],
    }),
    /^The order is being undone and the payment provider did not give the money back: attempt 4 of 21 of order-saga/,
    false,
    /order-saga/,
  ],
  [
    "the bridge to RabbitMQ does not move",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], others("dispatch-tasks")),
      groups: [group("dispatch-tasks", { earlier: [0, 0, 0, 60] })],
    }),
    /^dispatch-tasks has stopped/,
    false,
    /dispatch-tasks/,
  ],
  [
    "a mail's worker does not work",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], all),
      jobs: new Map([[eventIdOf(1), [emailJob]]]),
      queues: { email: { ready: 12, consumers: 1 } },
    }),
    /^A job for send-email waits since .* in queue email, where 12 wait, or for another attempt\.$/,
    false,
    /^\/queues\?family=email$/,
  ],
  [
    "a mail's worker is gone",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], all),
      jobs: new Map([[eventIdOf(1), [emailJob]]]),
      queues: { email: { ready: 12, consumers: 0 } },
    }),
    /^send-email is stopped: nobody reads queue email, where 12 wait\.$/,
    false,
    /^\/queues\?family=email$/,
  ],
  [
    "a mail waits for its next attempt",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], all),
      jobs: new Map([[eventIdOf(1), [emailJob]]]),
      queues: { email: { ready: 0, consumers: 1 }, "email.retry.30s": { ready: 2, consumers: 0 } },
    }),
    /^A job for send-email waits since .* for another attempt, as 2 of queue email do\.$/,
    false,
    /^\/queues\?family=email$/,
  ],
  [
    "a mail's worker is paused",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], all),
      jobs: new Map([[eventIdOf(1), [emailJob]]]),
      pauses: [{ worker: "send-email", ...pause }],
    }),
    /^send-email is paused by/,
    false,
    /^\/queues\?family=email$/,
  ],
  [
    "nothing: it is on its way",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], all),
    }),
    /^On its way; the carrier is asked/,
    true,
    null,
  ],
  [
    "nothing: the card was declined",
    storyFacts({
      events: [placed, storyEvent(2, "payment.failed", { data: { reason: "generic_decline" } })],
      order: { status: "payment_failed" },
      done: handled([placed, storyEvent(2, "payment.failed")], all),
    }),
    /^Done: the payment was declined \(generic_decline\)\. Nothing was charged\.$/,
    true,
    null,
  ],
  [
    "nothing: it was cancelled and the money went back",
    storyFacts({
      events: [placed, paid, rejected, storyEvent(4, "payment.refunded"), storyEvent(5, "order.cancelled")],
      order: { status: "cancelled" },
      saga: { status: "done", deadlineAt: ago(0), cancelReason: "out of stock", stuckSince: null },
      done: handled(
        [1, 2, 3, 4, 5].map((seq) => storyEvent(seq, "any")),
        all,
      ),
    }),
    /^Done: cancelled \(out of stock\)\. The money went back\.$/,
    true,
    null,
  ],
  [
    "only a mail: the order itself is delivered",
    storyFacts({
      events: [placed],
      order: { status: "delivered" },
      done: handled([placed], all),
      letters: [storyLetter({ consumer: "send-email", messageType: "email.send", messageId: emailJob.messageId })],
    }),
    /^Done: the carrier handed it over\. email\.send is dead in send-email/,
    false,
    /dead-letters/,
  ],
];

describe("C4: why an order does not move is right beside the main way too", () => {
  test.each(cases)("%s", expectWhy);
});

import { describe, test } from "vitest";
import {
  ago,
  all,
  group,
  handled,
  openPayment,
  openShipment,
  others,
  paid,
  pause,
  placed,
  purge,
  reserved,
  retry,
  shipped,
  storyEvent,
  storyFacts,
  storyLetter,
} from "./test-story-facts.ts";
import { expectWhy, type WhyCase } from "./why-test-cases.ts";

const cases: WhyCase[] = [
  [
    "the worker has more to read before it",
    storyFacts({ done: handled([placed], others("charge-payment")), groups: [group("charge-payment")] }),
    /^Waits for charge-payment: 41 events are ahead on partition 3, about 41 s\.$/,
    false,
    /^\/consumers\/charge-payment$/,
  ],
  [
    "nobody has looked at the worker lately",
    storyFacts({ done: handled([placed], others("charge-payment")) }),
    /^Waits for charge-payment to read order\.placed\.$/,
    false,
    /charge-payment/,
  ],
  [
    "two people had the message purged that would bring it on",
    storyFacts({
      done: handled([placed], others("charge-payment")),
      purges: new Map([[`charge-payment/${placed.eventId}`, { ...purge, reason: "a test order." }]]),
      groups: [group("charge-payment", { committed: [0, 0, 0, 400], earlier: [0, 0, 0, 400] })],
    }),
    /^order\.placed died in charge-payment, and its dead letter was purged 2026-11-21 11:59:00 UTC by ada@example\.test: a test order\. Nothing brings the order on by itself\.$/,
    false,
    /^\/audit\?subject=letter:11111111-/,
  ],
  [
    "a message beside its way was purged, and nobody misses it",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], others("project-orders")).concat(
        handled([placed, paid, reserved], ["project-orders"]),
      ),
      purges: new Map([[`project-orders/${shipped.eventId}`, { ...purge, reason: null }]]),
    }),
    /^On its way; the carrier is asked from time to time whether it arrived\.$/,
    true,
    null,
  ],
  [
    "the carrier never said that it arrived",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], all),
      shipment: { ...openShipment, settledAt: ago(32 * 86_400_000), createdAt: ago(32 * 86_400_000) },
    }),
    /^The carrier was asked for 30 days and never said that it arrived; it is not asked any more\.$/,
    false,
    /order-saga/,
  ],
  [
    "it was only just placed",
    storyFacts({ events: [storyEvent(1, "order.placed", { occurredAt: ago(300), sentAt: ago(200) })] }),
    /^Waits for charge-payment to read order\.placed\.$/,
    true,
    /charge-payment/,
  ],
  [
    "the worker is paused by somebody who writes whole sentences",
    storyFacts({
      done: handled([placed], others("charge-payment")),
      pauses: [{ worker: "charge-payment", ...pause, reason: "The bank asked for it." }],
    }),
    /^charge-payment is paused by ada@example\.test since 2026-11-21 11:58:30 UTC: The bank asked for it\.$/,
    false,
    /charge-payment/,
  ],
  [
    "the worker is paused",
    storyFacts({ done: handled([placed], others("charge-payment")), pauses: [{ worker: "charge-payment", ...pause }] }),
    /^charge-payment is paused by ada@example\.test since 2026-11-21 11:58:30 UTC: maintenance\.$/,
    false,
    /charge-payment/,
  ],
  [
    "the worker has nobody left who reads",
    storyFacts({
      events: [placed, paid],
      order: { status: "paid" },
      done: handled([placed, paid], others("reserve-stock")),
      groups: [group("reserve-stock", { members: 0 })],
    }),
    /^reserve-stock is stopped: nobody reads for it, and payment\.captured waits on partition 3\.$/,
    false,
    /reserve-stock/,
  ],
  [
    "the worker is there and reads nothing",
    storyFacts({
      events: [placed, paid, reserved],
      order: { status: "reserved" },
      done: handled([placed, paid, reserved], others("create-shipment")),
      groups: [group("create-shipment", { earlier: [0, 0, 0, 60] })],
    }),
    /^create-shipment has stopped: it has read nothing of partition 3 for 30 s or more, 43 events are ahead\.$/,
    false,
    /create-shipment/,
  ],
  [
    "Kafka is away",
    storyFacts({ events: [{ ...placed, sentAt: null, partition: null, offset: null }] }),
    /^Kafka has not taken order\.placed since 2026-11-21 11:58:01 UTC; it stays in the outbox/,
    false,
    null,
  ],
  [
    "Kafka is away and somebody has looked",
    storyFacts({
      events: [{ ...placed, sentAt: null, partition: null, offset: null }],
      known: { kafka: { isUp: false, since: ago(50_000) }, rabbitmq: { isUp: true, since: null } },
    }),
    /^Kafka does not answer since 2026-11-21 11:59:10 UTC: order\.placed stays in the outbox/,
    false,
    null,
  ],
  [
    "RabbitMQ is away",
    storyFacts({
      events: [placed, paid, reserved, shipped],
      order: { status: "shipped" },
      done: handled([placed, paid, reserved, shipped], others("dispatch-tasks")),
      known: { kafka: { isUp: true, since: null }, rabbitmq: { isUp: false, since: ago(50_000) } },
    }),
    /^RabbitMQ does not answer since 2026-11-21 11:59:10 UTC: dispatch-tasks waits/,
    false,
    /dispatch-tasks/,
  ],
  [
    "the payment provider is away",
    storyFacts({
      payment: openPayment,
      retries: [retry("charge-payment", 1, "StripeConnectionError: connect ECONNREFUSED")],
    }),
    /^The payment provider did not do its part: attempt 4 of 21 of charge-payment comes at 2026-11-21 12:00:20 UTC, because of StripeConnectionError: connect ECONNREFUSED\.$/,
    false,
    /charge-payment/,
  ],
  [
    "the payment provider is slow",
    storyFacts({
      payment: { ...openPayment, createdAt: ago(8_000) },
      done: handled([placed], others("charge-payment")),
    }),
    /^The payment provider is asked since 2026-11-21 11:59:52 UTC and has not answered yet\.$/,
    false,
    /charge-payment/,
  ],
  [
    "the carrier is away",
    storyFacts({
      events: [placed, paid, reserved],
      order: { status: "reserved" },
      shipment: openShipment,
      done: handled([placed, paid, reserved], others("create-shipment")),
      retries: [retry("create-shipment", 3, "the carrier answered 500")],
    }),
    /^The carrier did not do its part: attempt 4 of 21 of create-shipment .* because of the carrier answered 500\.$/,
    false,
    /create-shipment/,
  ],
  [
    "a worker of our own fails",
    storyFacts({
      events: [placed, paid],
      order: { status: "paid" },
      retries: [{ ...retry("reserve-stock", 2, "bad"), attempts: 1 }],
    }),
    /^Attempt 2 of 3 of reserve-stock comes at .* because of bad\.$/,
    false,
    /reserve-stock/,
  ],
  [
    "its event is dead",
    storyFacts({ letters: [storyLetter()] }),
    /^order\.placed is dead in charge-payment since 2026-11-21 11:59:00 UTC: it broke\.$/,
    false,
    /^\/dead-letters\/letters\/1{8}/,
  ],
  [
    "a dead event stands before a dead mail",
    storyFacts({
      letters: [
        storyLetter({ id: "33333333-0000-7000-8000-000000000001", consumer: "send-email", messageType: "email.send" }),
        storyLetter(),
      ],
    }),
    /is dead in charge-payment .* 1 more of its messages is dead too\.$/,
    false,
    /1{8}/,
  ],
  [
    "a dead letter is being replayed",
    storyFacts({ letters: [storyLetter({ status: "replaying" })] }),
    /^order\.placed died in charge-payment and is being replayed\.$/,
    true,
    /dead-letters/,
  ],
  [
    "nobody knows whether it was charged at the deadline",
    storyFacts({
      payment: openPayment,
      saga: { status: "running", deadlineAt: ago(1_000), cancelReason: null, stuckSince: ago(900) },
    }),
    /^Stuck since 2026-11-21 11:59:59 UTC: the payment provider never said/,
    false,
    /order-saga/,
  ],
  [
    "an event was taken from the outbox",
    storyFacts({ events: [placed], order: { lastSeq: 2, status: "paid" }, done: handled([placed], all) }),
    /^Event 2 of its history is missing from the outbox\.$/,
    false,
    null,
  ],
];

describe("C4: why an order does not move is right when what is wrong is that", () => {
  test.each(cases)("%s", expectWhy);
});

import type { StoryEvent, StoryFacts, StoryLetter } from "./story-facts.ts";

export const NOW = "2026-11-21T12:00:00.000Z";

/** A time before now. */
export const ago = (ms: number): string => new Date(Date.parse(NOW) - ms).toISOString();

export const eventIdOf = (seq: number): string => `018f4e5c-0000-7000-8000-${String(seq).padStart(12, "0")}`;

/** An event of a planted story, on Kafka, one second after the one before it, unless told otherwise. */
export const storyEvent = (seq: number, type: string, more: Partial<StoryEvent> = {}): StoryEvent => ({
  eventId: eventIdOf(seq),
  seq,
  type,
  source: "test",
  occurredAt: ago(120_000 - seq * 1_000),
  sentAt: ago(120_000 - seq * 1_000 - 10),
  partition: 3,
  offset: 100 + seq,
  data: {},
  ...more,
});

export const storyLetter = (more: Partial<StoryLetter> = {}): StoryLetter => ({
  id: "11111111-0000-7000-8000-000000000001",
  status: "dead",
  consumer: "charge-payment",
  source: "order.events",
  messageId: eventIdOf(1),
  messageType: "order.placed",
  diedAt: ago(60_000),
  errorMessage: "it broke",
  deaths: [],
  edits: [],
  replays: [],
  ...more,
});

/** An order's facts, placed two minutes ago; what is not said is not there. */
export function storyFacts(
  more: Omit<Partial<StoryFacts>, "order"> & { order?: Partial<StoryFacts["order"]>; done?: readonly string[] } = {},
): StoryFacts {
  const { order, done = [], ...rest } = more;
  const events = rest.events ?? [storyEvent(1, "order.placed")];
  return {
    now: NOW,
    events,
    jobs: new Map(),
    payment: null,
    refunds: [],
    shipment: null,
    saga: { status: "running", deadlineAt: ago(-3_600_000), cancelReason: null, stuckSince: null },
    mails: [],
    documents: [],
    deliveries: [],
    endpoints: [],
    findings: [],
    pauses: [],
    groups: [],
    known: null,
    queues: null,
    processed: new Map(done.map((key) => [key, ago(60_000)])),
    retries: [],
    letters: [],
    purges: new Map(),
    ...rest,
    order: {
      id: "018f4e5c-0000-7000-8000-00000000aaaa",
      number: 7,
      status: "placed",
      paymentMethod: "prepaid",
      totalCents: 1_290,
      currency: "EUR",
      lastSeq: events.length,
      placedAt: ago(120_000),
      ...order,
    },
  };
}

/** Every reader of these events has handled them, but for some. */
export const handled = (events: readonly StoryEvent[], workers: readonly string[]): string[] =>
  events.flatMap(({ eventId }) => workers.map((worker) => `${worker}/${eventId}`));

// What cases are made of.

export const purge = {
  letterId: "11111111-0000-7000-8000-000000000001",
  purgedAt: ago(60_000),
  by: "ada@example.test",
};

export const all = [
  "charge-payment",
  "reserve-stock",
  "create-shipment",
  "order-saga",
  "dispatch-tasks",
  "project-orders",
];
export const others = (worker: string) => all.filter((one) => one !== worker);

export const placed = storyEvent(1, "order.placed");
export const paid = storyEvent(2, "payment.captured");
export const reserved = storyEvent(3, "inventory.reserved");
export const rejected = storyEvent(3, "inventory.rejected", { data: { reason: "out of stock" } });
export const shipped = storyEvent(4, "shipping.created");

export const group = (worker: string, more: Partial<StoryFacts["groups"][number]> = {}) => ({
  worker,
  sampledAt: ago(1_000),
  members: 1,
  committed: [0, 0, 0, 60],
  earlierAt: ago(31_000),
  earlier: [0, 0, 0, 30],
  ...more,
});
export const retry = (consumer: string, seq: number, lastError: string) => ({
  consumer,
  messageId: eventIdOf(seq),
  attempts: 3,
  dueAt: ago(-20_000),
  createdAt: ago(50_000),
  lastError,
});
export const openPayment = {
  status: "pending",
  amountCents: 1_290,
  currency: "EUR",
  chargeId: null,
  declineReason: null,
  createdAt: ago(100_000),
  settledAt: null,
};
export const openShipment = {
  status: "pending",
  carrier: null,
  trackingNumber: null,
  createdAt: ago(80_000),
  settledAt: null,
};
export const emailJob = {
  worker: "send-email",
  queue: "email",
  messageId: "22222222-0000-7000-8000-000000000001",
  about: "order_received",
};
export const pause = { reason: "maintenance", pausedBy: "ada@example.test", pausedAt: ago(90_000) };

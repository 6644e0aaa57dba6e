import type { StoryStep } from "#contracts/api/story";
import { type EventReader, type Job, readersOf } from "#contracts/process-map";
import type { StoryEvent, StoryFacts } from "./story-facts.ts";
import { isUnsettled, letterSteps, paperSteps, providerSteps, seqOf } from "./story-outside-steps.ts";
import { badEvents, duration, eventTitles, hrefs, instant, jobTitle, money, ms } from "./story-words.ts";

type Place = StoryStep["place"];
/** A step before it has its place: what is left out is null. */
export type NewStep = Omit<StoryStep, "gapMs" | "endedAt" | "detail" | "worker" | "seq" | "href"> & Partial<StoryStep>;

/** Steps of the same instant stand in the order in which they follow from each other. */
const rank: Record<Place, number> = {
  checkout: 0,
  outbox: 1,
  kafka: 2,
  provider: 3,
  worker: 4,
  retry: 5,
  queue: 6,
  document: 7,
  mail: 7,
  webhook: 7,
  dead_letter: 8,
  replay: 9,
};

/**
 * The order's story, from everything that left a trace. An event or a job is one step however often it came, since each
 * has one key. What follows from an event never stands before it: clocks of several machines differ, sequence numbers
 * do not. Pure.
 */
export function storySteps(facts: StoryFacts): StoryStep[] {
  const steps: NewStep[] = [
    checkoutStep(facts),
    ...missingSteps(facts),
    ...facts.events.flatMap((event) => [eventStep(event), ...kafkaStep(event), ...workerSteps(facts, event)]),
    ...facts.events.flatMap((event) => jobSteps(facts, event)),
    ...retrySteps(facts),
    ...facts.events.flatMap((event) => purgeSteps(facts, event)),
    ...providerSteps(facts),
    ...paperSteps(facts),
    ...facts.letters.flatMap((letter) => letterSteps(facts, letter)),
  ];
  return inOrder(steps, facts.events);
}

function inOrder(steps: readonly NewStep[], events: readonly StoryEvent[]): StoryStep[] {
  const eventAt = new Map<number, number>();
  let latest = 0;
  for (const { seq, occurredAt } of events) {
    latest = Math.max(latest, ms(occurredAt));
    eventAt.set(seq, latest);
  }
  const placed = steps.map((step) => ({ step, at: Math.max(ms(step.at), eventAt.get(step.seq ?? 0) ?? 0) }));
  placed.sort(
    (a, b) => a.at - b.at || (a.step.seq ?? 0) - (b.step.seq ?? 0) || rank[a.step.place] - rank[b.step.place],
  );
  return placed.map(({ step, at }, index) => ({
    endedAt: null,
    detail: null,
    worker: null,
    seq: null,
    href: null,
    ...step,
    gapMs: index === 0 ? null : at - placed[index - 1]!.at,
  }));
}

const checkoutStep = ({ order }: StoryFacts): NewStep => ({
  key: "checkout",
  at: order.placedAt,
  place: "checkout",
  title: "Checkout took it",
  detail: `${money(order.totalCents, order.currency)}, ${order.paymentMethod === "cod" ? "cash on delivery" : "card"}`,
  status: "done",
});

/** Sequence numbers have no gap: a hole in the history is a row that somebody took away. */
function missingSteps({ order, events }: StoryFacts): NewStep[] {
  const known = new Set(events.map(({ seq }) => seq));
  return missingSeqs(order.lastSeq, known).map((seq) => ({
    key: `missing:${seq}`,
    at: events.findLast((event) => event.seq < seq)?.occurredAt ?? order.placedAt,
    place: "outbox",
    title: `Event ${seq} is missing`,
    detail: "It was written and is not in the outbox any more.",
    status: "failed",
    seq,
  }));
}

export const missingSeqs = (lastSeq: number, known: ReadonlySet<number>): number[] =>
  Array.from({ length: lastSeq }, (_, index) => index + 1).filter((seq) => !known.has(seq));

function eventStep(event: StoryEvent): NewStep {
  const { eventId, seq, type, source, occurredAt, sentAt, data } = event;
  const reason = typeof data.reason === "string" ? `: ${data.reason}` : "";
  return {
    key: `event:${eventId}`,
    at: occurredAt,
    endedAt: sentAt,
    place: "outbox",
    title: eventTitles[type] ?? type,
    detail: `#${seq} ${type} by ${source}${reason}`,
    status: badEvents.has(type) ? "failed" : sentAt === null ? "waiting" : "done",
    worker: source,
    seq,
  };
}

function kafkaStep({ eventId, seq, sentAt, partition, offset }: StoryEvent): NewStep[] {
  if (sentAt === null) return [];
  const title = partition === null ? "On Kafka" : `On Kafka, partition ${partition}, offset ${offset}`;
  return [
    {
      key: `kafka:${eventId}`,
      at: sentAt,
      place: "kafka",
      title,
      status: "done",
      seq,
      href: hrefs.record(partition, offset),
    },
  ];
}

function workerSteps(facts: StoryFacts, event: StoryEvent): NewStep[] {
  return readersOf(event.type).flatMap((reader) => workerStep(facts, event, reader));
}

function workerStep(facts: StoryFacts, event: StoryEvent, { worker }: EventReader): NewStep[] {
  const processedAt = facts.processed.get(`${worker}/${event.eventId}`);
  const common = {
    key: `worker:${worker}:${event.eventId}`,
    place: "worker",
    worker,
    seq: event.seq,
    href: hrefs.worker(worker),
  } as const;
  if (processedAt) {
    const waitedMs = Math.max(0, ms(processedAt) - ms(event.sentAt ?? event.occurredAt));
    const detail = `${duration(waitedMs)} after ${event.sentAt ? "Kafka had it" : "it was written"}`;
    return [{ ...common, at: processedAt, title: `${worker} handled it`, detail, status: "done" }];
  }
  if (event.sentAt === null || isElsewhere(facts, worker, event.eventId)) return [];
  return [{ ...common, at: event.sentAt, title: `${worker} has not got to it`, status: "waiting" }];
}

/** It waits for another attempt, or died, or was purged: a step of its own says so. */
const isElsewhere = ({ retries, letters, purges }: StoryFacts, worker: string, messageId: string): boolean =>
  purges.has(`${worker}/${messageId}`) ||
  retries.some((one) => one.consumer === worker && one.messageId === messageId) ||
  letters.some((one) => one.consumer === worker && one.messageId === messageId);

/** The jobs of an event that were asked for, i.e. of one that `dispatch-tasks` has handled, and not purged. */
export function askedJobs(facts: StoryFacts, event: StoryEvent): (Job & { askedAt: string; doneAt: string | null })[] {
  const askedAt = facts.processed.get(`dispatch-tasks/${event.eventId}`);
  if (!askedAt) return [];
  return (facts.jobs.get(event.eventId) ?? []).flatMap((job) => {
    const key = `${job.worker}/${job.messageId}`;
    if (facts.purges.has(key)) return [];
    const doneAt = facts.processed.get(key) ?? null;
    if (doneAt === null && job.worker === "deliver-webhook" && !wasAsked(facts, job, askedAt)) return [];
    return [{ ...job, askedAt, doneAt }];
  });
}

/** Only endpoints of that time were asked for: one that came or went since leaves no trace. */
function wasAsked({ endpoints, letters }: StoryFacts, { about, messageId }: Job, askedAt: string): boolean {
  const endpoint = endpoints.find(({ id }) => id === about);
  if (letters.some((letter) => letter.messageId === messageId)) return true;
  return Boolean(endpoint?.isActive && ms(endpoint.createdAt) < ms(askedAt));
}

const titleOf = ({ endpoints }: StoryFacts, { worker, about }: Job): string =>
  jobTitle(worker, about, endpoints.find(({ id }) => id === about)?.partner);

/** What died of an event and was purged. */
function purgeSteps(facts: StoryFacts, { eventId, type, seq }: StoryEvent): NewStep[] {
  const jobs = facts.jobs.get(eventId) ?? [];
  const parts = [
    ...readersOf(type).map(({ worker }) => ({ worker, messageId: eventId, what: `${type} for ${worker}` })),
    ...jobs.map((job) => ({ ...job, what: titleOf(facts, job) })),
  ];
  return parts.flatMap(({ worker, messageId, what }) => {
    const key = `${worker}/${messageId}`;
    const purge = facts.purges.get(key);
    if (!purge) return [];
    return [
      {
        key: `purge:${key}`,
        at: purge.purgedAt,
        place: "dead_letter" as const,
        title: `Dead letter purged: ${what}`,
        detail: `agreed by ${purge.by}: ${purge.reason ?? "no reason given"}`,
        status: "dead" as const,
        worker,
        seq,
        href: hrefs.letterAudit(purge.letterId),
      },
    ];
  });
}

function jobSteps(facts: StoryFacts, event: StoryEvent): NewStep[] {
  return askedJobs(facts, event).map((job) => {
    const { worker, queue, messageId, askedAt, doneAt } = job;
    const letter = facts.letters.find((one) => one.consumer === worker && one.messageId === messageId);
    const status = doneAt ? "done" : letter && isUnsettled(letter.status) ? "dead" : "waiting";
    const took = doneAt ? `done by ${worker} in ${duration(ms(doneAt) - ms(askedAt))}` : `for ${worker}`;
    return {
      key: `job:${worker}:${messageId}`,
      at: askedAt,
      endedAt: doneAt,
      place: "queue",
      title: titleOf(facts, job),
      detail: `over queue ${queue}, ${took}`,
      status,
      worker,
      seq: event.seq,
      href: hrefs.queue(queue),
    };
  });
}

function retrySteps(facts: StoryFacts): NewStep[] {
  return facts.retries
    .filter(({ attempts }) => attempts > 0)
    .map(({ consumer, messageId, attempts, dueAt, createdAt, lastError }) => ({
      key: `retry:${consumer}:${messageId}`,
      at: createdAt,
      endedAt: dueAt,
      place: "retry",
      title: `${consumer} tries again`,
      detail: `attempt ${attempts + 1} at ${instant(dueAt)}, because: ${lastError ?? "no answer"}`,
      status: "waiting",
      worker: consumer,
      seq: seqOf(facts, messageId),
      href: hrefs.worker(consumer),
    }));
}

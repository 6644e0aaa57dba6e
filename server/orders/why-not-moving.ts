import type { WhyNot } from "#contracts/api/story";
import { eventReaders, nextWorkerAfter, queueReaders } from "#contracts/process-map";
import type { OrderStatus } from "#contracts/vocabulary";
import { DELIVERY_WATCH_DAYS } from "./decide-saga.ts";
import type { StoryEvent, StoryFacts, StoryLetter, StoryRetry } from "./story-facts.ts";
import { isUnsettled } from "./story-outside-steps.ts";
import { missingSeqs } from "./story-steps.ts";
import { duration, eventTitles, hrefs, instant, money, ms } from "./story-words.ts";
import { whyJobWaits } from "./why-job-waits.ts";
import { age, moving, pausedBy, UNDER_WAY_MS, unended, waiting } from "./why-parts.ts";

const DAY_MS = 86_400_000;

/**
 * Why an order does not move, or that it does, in one sentence. Looked at in the order in which one reason hides the
 * next: what somebody has to do, what waits for a time, what waits for a broker, what waits for a worker. Pure.
 */
export function whyNotMoving(facts: StoryFacts): WhyNot {
  const ending = isOver(facts) ? `${overSentence(facts)} ` : "";
  const blocked =
    dead(facts) ??
    purged(facts) ??
    retrying(facts) ??
    stuck(facts) ??
    gone(facts) ??
    unsent(facts) ??
    worker(facts) ??
    undoing(facts) ??
    lostParcel(facts) ??
    sideWorker(facts) ??
    whyJobWaits(facts);
  if (!blocked) return moving(ending.trim() || nextSentence(facts));
  return { ...blocked, sentence: `${ending}${blocked.sentence}` };
}

// ── what somebody has to do ──────────────────────────────────────────────────────────────────────────────────────────

function dead({ letters, events }: StoryFacts): WhyNot | null {
  const weight = ({ consumer }: StoryLetter) => {
    const place = eventReaders.findIndex((reader) => reader.worker === consumer);
    return place < 0 ? eventReaders.length : place;
  };
  const [letter] = letters.filter(({ status }) => isUnsettled(status)).toSorted((a, b) => weight(a) - weight(b));
  if (!letter) return replaying(letters);
  const what = events.find(({ eventId }) => eventId === letter.messageId)?.type ?? letter.messageType ?? "a message";
  const others = letters.filter(({ status }) => isUnsettled(status)).length - 1;
  const more = others > 0 ? ` ${others} more of its messages ${others === 1 ? "is" : "are"} dead too.` : "";
  const state =
    letter.status === "uncertain" ? "is uncertain after its replay" : `is dead in ${letter.consumer ?? letter.source}`;
  return waiting(
    `${what} ${state} since ${instant(letter.diedAt)}: ${unended(letter.errorMessage)}.${more}`,
    hrefs.letter(letter.id),
  );
}

function replaying(letters: readonly StoryLetter[]): WhyNot | null {
  const letter = letters.find(({ status }) => status === "replaying");
  if (!letter) return null;
  const who = letter.consumer ?? letter.source;
  return moving(`${letter.messageType ?? "A message"} died in ${who} and is being replayed.`, hrefs.letter(letter.id));
}

/** The message that would bring the order on died, and two people had it purged. */
function purged(facts: StoryFacts): WhyNot | null {
  const turn = turnOf(facts);
  const purge = turn && facts.purges.get(`${turn.name}/${turn.event.eventId}`);
  if (!purge) return null;
  const why = purge.reason ? `: ${unended(purge.reason)}` : "";
  return waiting(
    `${turn.event.type} died in ${turn.name}, and its dead letter was purged ${instant(purge.purgedAt)} by ${purge.by}${why}. Nothing brings the order on by itself.`,
    hrefs.letterAudit(purge.letterId),
  );
}

// ── what waits for a time ────────────────────────────────────────────────────────────────────────────────────────────

function retrying(facts: StoryFacts): WhyNot | null {
  const retry = facts.retries.find(({ attempts }) => attempts > 0);
  if (!retry) return null;
  const { consumer, attempts, dueAt, lastError } = retry;
  const of = attemptsOf(consumer);
  const which = `attempt ${attempts + 1}${of ? ` of ${of}` : ""} of ${consumer}`;
  const when = age(facts, dueAt) > 0 ? "is due now" : `comes at ${instant(dueAt)}`;
  const cause = outsideOf(facts, retry);
  const because = `because of ${unended(lastError ?? "no answer")}`;
  return waiting(
    cause ? `${cause}: ${which} ${when}, ${because}.` : `${capital(which)} ${when}, ${because}.`,
    hrefs.worker(consumer),
  );
}

/** The outside system that an attempt failed at: its part was asked for and has no answer. */
function outsideOf({ payment, refunds, shipment }: StoryFacts, { consumer }: StoryRetry): string | null {
  if (consumer === "charge-payment" && payment?.settledAt === null) return "The payment provider did not do its part";
  if (consumer === "order-saga" && refunds.some(({ settledAt }) => settledAt === null))
    return "The order is being undone and the payment provider did not give the money back";
  if (consumer === "create-shipment" && shipment?.settledAt === null) return "The carrier did not do its part";
  return null;
}

const attemptsOf = (worker: string) =>
  [...eventReaders, ...queueReaders].find((reader) => reader.worker === worker)?.attempts ?? null;

function stuck({ saga, order, payment }: StoryFacts): WhyNot | null {
  if (!saga?.stuckSince || saga.status === "done") return null;
  const who = order.status === "placed" && payment ? "the payment provider" : "the carrier";
  return waiting(
    `Stuck since ${instant(saga.stuckSince)}: ${who} never said what became of its part, so it can be neither finished nor undone.`,
    hrefs.worker("order-saga"),
  );
}

// ── what waits for a broker ──────────────────────────────────────────────────────────────────────────────────────────

function gone({ order, events, findings }: StoryFacts): WhyNot | null {
  const [finding] = findings;
  if (finding) return waiting(`${finding.detail} Found ${instant(finding.foundAt)}.`, null);
  const [seq] = missingSeqs(order.lastSeq, new Set(events.map((event) => event.seq)));
  return seq === undefined ? null : waiting(`Event ${seq} of its history is missing from the outbox.`, null);
}

function unsent(facts: StoryFacts): WhyNot | null {
  const event = facts.events.find(({ sentAt }) => sentAt === null);
  if (!event) return null;
  const kafka = facts.known?.kafka;
  if (kafka?.isUp === false)
    return waiting(
      `Kafka does not answer${kafka.since ? ` since ${instant(kafka.since)}` : ""}: ${event.type} stays in the outbox and leaves by itself when it is back.`,
      null,
    );
  if (age(facts, event.occurredAt) < UNDER_WAY_MS) return moving(`${event.type} is on its way to Kafka.`);
  return waiting(
    `Kafka has not taken ${event.type} since ${instant(event.occurredAt)}; it stays in the outbox and leaves by itself when Kafka answers.`,
    null,
  );
}

// ── what waits for a worker ──────────────────────────────────────────────────────────────────────────────────────────

/** Whose turn it is: the worker after the newest event that has one, if it has not handled it. */
function turnOf(facts: StoryFacts): { name: string; event: StoryEvent } | null {
  if (isOver(facts)) return null;
  const event = facts.events.findLast(({ type }) => nextWorkerAfter(type) !== null);
  const name = event && nextWorkerAfter(event.type);
  return event && name && !facts.processed.has(`${name}/${event.eventId}`) ? { name, event } : null;
}

function worker(facts: StoryFacts): WhyNot | null {
  const turn = turnOf(facts);
  if (!turn) return null;
  const { name, event } = turn;
  return waitsFor(facts, name, event) ?? asking(facts, name) ?? whereInLine(facts, name, event);
}

/** Workers beside the main way, once they are late. */
function sideWorker(facts: StoryFacts): WhyNot | null {
  for (const name of ["dispatch-tasks", "project-orders", "order-saga"]) {
    const reader = eventReaders.find((one) => one.worker === name)!;
    const event = facts.events.find(
      ({ eventId, type, sentAt }) =>
        sentAt !== null &&
        (reader.types === "every" || reader.types.includes(type)) &&
        !facts.processed.has(`${name}/${eventId}`) &&
        !facts.purges.has(`${name}/${eventId}`) &&
        !facts.letters.some((letter) => letter.consumer === name && letter.messageId === eventId),
    );
    if (event && age(facts, event.sentAt!) > UNDER_WAY_MS)
      return (
        ((name === "dispatch-tasks" && withoutRabbit(facts)) || waitsFor(facts, name, event)) ??
        whereInLine(facts, name, event)
      );
  }
  return null;
}

function withoutRabbit({ known }: StoryFacts): WhyNot | null {
  const rabbit = known?.rabbitmq;
  if (rabbit?.isUp !== false) return null;
  const since = rabbit.since ? ` since ${instant(rabbit.since)}` : "";
  const sentence = `RabbitMQ does not answer${since}: dispatch-tasks waits with its mails, documents and webhooks and loses none.`;
  return waiting(sentence, hrefs.worker("dispatch-tasks"));
}

/** Paused by somebody, or stopped by itself. */
function waitsFor(facts: StoryFacts, name: string, event: StoryEvent): WhyNot | null {
  const paused = pausedBy(facts, name);
  if (paused) return paused;
  const place = placeOf(facts, name, event);
  if (!place || place.ahead < 0) return null;
  const href = hrefs.worker(name);
  if (place.members === 0)
    return waiting(
      `${name} is stopped: nobody reads for it, and ${event.type} waits on partition ${event.partition}.`,
      href,
    );
  if (place.perSecond === 0 && age(facts, event.sentAt!) > place.spanMs)
    return waiting(
      `${name} has stopped: it has read nothing of partition ${event.partition} for ${duration(place.spanMs)} or more, ${inFront(place.ahead)}.`,
      href,
    );
  return null;
}

/** The worker has it in hand and asks somebody outside. */
function asking(facts: StoryFacts, name: string): WhyNot | null {
  if (name === "order-saga") return undoing(facts);
  const asked =
    name === "charge-payment" && facts.payment?.settledAt === null
      ? { who: "payment provider", since: facts.payment.createdAt }
      : name === "create-shipment" && facts.shipment?.settledAt === null
        ? { who: "carrier", since: facts.shipment.createdAt }
        : null;
  if (!asked) return null;
  const sentence = `The ${asked.who} is asked since ${instant(asked.since)} and has not answered yet.`;
  const isSlow = age(facts, asked.since) > UNDER_WAY_MS;
  return { isMoving: !isSlow, sentence, href: hrefs.worker(name) };
}

function whereInLine(facts: StoryFacts, name: string, event: StoryEvent): WhyNot {
  const isMoving = event.sentAt === null || age(facts, event.sentAt) < UNDER_WAY_MS;
  const href = hrefs.worker(name);
  const turned = turning.has(event.type) ? `${eventTitles[event.type]}; it is to be undone. ` : "";
  const place = placeOf(facts, name, event);
  if (!place || place.ahead <= 0)
    return { isMoving, sentence: `${turned}Waits for ${name} to read ${event.type}.`, href };
  const eta = place.perSecond ? `, about ${duration((place.ahead / place.perSecond) * 1_000)}` : "";
  const line = `${inFront(place.ahead)} on partition ${event.partition}${eta}`;
  return { isMoving, sentence: `${turned}Waits for ${name}: ${line}.`, href };
}

/** Events after which the order is undone. */
const turning: ReadonlySet<string> = new Set(["inventory.rejected", "shipping.failed"]);

const inFront = (ahead: number) =>
  ahead === 1 ? "1 event is ahead" : `${ahead.toLocaleString("en-GB")} events are ahead`;

/** Where the worker's group stands before this event; null = nobody has looked lately, or Kafka's answer is not known. */
function placeOf({ groups }: StoryFacts, name: string, { partition, offset }: StoryEvent) {
  const group = groups.find((one) => one.worker === name);
  if (!group || partition === null || offset === null) return null;
  const committed = Math.max(0, group.committed[partition] ?? 0);
  const earlier = group.earlier?.[partition];
  const spanMs = group.earlierAt ? ms(group.sampledAt) - ms(group.earlierAt) : 0;
  const perSecond =
    earlier === undefined || spanMs === 0 ? null : (Math.max(0, committed - Math.max(0, earlier)) / spanMs) * 1_000;
  return { ahead: offset - committed, members: group.members, perSecond, spanMs };
}

/** The order was turned round and not everything is undone. */
function undoing({ saga, refunds, order }: StoryFacts): WhyNot | null {
  if (saga?.status !== "compensating") return null;
  const refund = refunds.find(({ settledAt }) => settledAt === null);
  const money = refund ? "the money goes back first" : "its steps are taken back";
  const why = saga.cancelReason ? ` (${saga.cancelReason})` : "";
  return moving(`Order ${order.number} is being undone${why}: ${money}.`, hrefs.worker("order-saga"));
}

/** The carrier was asked for as long as it is asked, and never said that it handed the parcel over. */
function lostParcel(facts: StoryFacts): WhyNot | null {
  const { order, shipment } = facts;
  if (order.status !== "shipped" || !shipment || age(facts, shipment.createdAt) < (DELIVERY_WATCH_DAYS + 1) * DAY_MS)
    return null;
  return waiting(
    `The carrier was asked for ${DELIVERY_WATCH_DAYS} days and never said that it arrived; it is not asked any more.`,
    hrefs.worker("order-saga"),
  );
}

// ── nothing in its way ───────────────────────────────────────────────────────────────────────────────────────────────

const isOver = ({ order, saga }: StoryFacts) =>
  ["delivered", "payment_failed"].includes(order.status) ||
  (order.status === "cancelled" && saga?.status !== "compensating");

function overSentence({ order, events, payment }: StoryFacts): string {
  if (order.status === "delivered") return "Done: the carrier handed it over.";
  const reason = events.findLast(({ data }) => typeof data.reason === "string")?.data.reason ?? "no reason given";
  if (order.status === "payment_failed") return `Done: the payment was declined (${reason}). Nothing was charged.`;
  const back = events.some(({ type }) => type === "payment.refunded");
  const kept =
    payment?.status === "captured" ? `${money(payment.amountCents, payment.currency)} are still to go back.` : "";
  return `Done: cancelled (${reason}). ${back ? "The money went back." : kept || "No money was taken."}`;
}

function nextSentence({ order }: StoryFacts): string {
  const sentences: Record<OrderStatus, string> = {
    placed: order.paymentMethod === "cod" ? "Stock is reserved next." : "The payment is taken next.",
    paid: "Stock is reserved next.",
    reserved: "The carrier is asked next.",
    shipped: "On its way; the carrier is asked from time to time whether it arrived.",
    delivered: "Done.",
    payment_failed: "Done.",
    cancelled: "Done.",
  };
  return sentences[order.status];
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

import type { StoryStep } from "#contracts/api/story";
import { type DeadLetterStatus, type ReplayStatus, replayStatusLabels, unsettledStatuses } from "#contracts/vocabulary";
import type { StoryFacts, StoryLetter } from "./story-facts.ts";
import type { NewStep } from "./story-steps.ts";
import { hrefs, money } from "./story-words.ts";

/** The place in the history of an event, or of the event that asked for a job. */
export function seqOf({ events, jobs }: StoryFacts, messageId: string | null): number | null {
  const event = events.find(
    ({ eventId }) => eventId === messageId || jobs.get(eventId)?.some((job) => job.messageId === messageId),
  );
  return event?.seq ?? null;
}

/** What the payment provider and the carrier were asked. */
export function providerSteps({ payment, refunds, shipment, events }: StoryFacts): NewStep[] {
  const seqOfType = (type: string) => events.find((event) => event.type === type)?.seq ?? null;
  const steps: NewStep[] = [];
  if (payment)
    steps.push({
      key: "provider:payment",
      at: payment.createdAt,
      endedAt: payment.settledAt,
      place: "provider",
      title: `Payment provider asked for ${money(payment.amountCents, payment.currency)}`,
      detail: payment.declineReason ?? payment.chargeId ?? "no answer yet",
      status: payment.settledAt === null ? "waiting" : payment.status === "declined" ? "failed" : "done",
      worker: "charge-payment",
      seq: seqOfType("order.placed"),
    });
  for (const refund of refunds)
    steps.push({
      key: `provider:${refund.key}`,
      at: refund.createdAt,
      endedAt: refund.settledAt,
      place: "provider",
      title: `Payment provider asked to give back ${money(refund.amountCents, payment?.currency ?? "")}`,
      detail: refund.reason,
      status: refund.settledAt === null ? "waiting" : "done",
      worker: "order-saga",
    });
  if (shipment)
    steps.push({
      key: "provider:shipment",
      at: shipment.createdAt,
      endedAt: shipment.settledAt,
      place: "provider",
      title: "Carrier asked to take the parcel",
      detail: shipment.trackingNumber ? `${shipment.carrier} ${shipment.trackingNumber}` : null,
      status: shipment.settledAt === null ? "waiting" : shipment.status === "refused" ? "failed" : "done",
      worker: "create-shipment",
      seq: seqOfType("inventory.reserved"),
    });
  return steps;
}

/** Mails, documents and webhooks that left. */
export function paperSteps({ mails, documents, deliveries, events }: StoryFacts): NewStep[] {
  const seqOfId = (id: string) => events.find(({ eventId }) => eventId === id)?.seq ?? null;
  return [
    ...mails.map(({ kind, subject, sentAt }) => ({
      key: `mail:${kind}`,
      at: sentAt,
      place: "mail" as const,
      title: "Mail sent",
      detail: subject,
      status: "done" as const,
      worker: "send-email",
    })),
    ...documents.map(({ kind, number, createdAt, isMade }) => ({
      key: `document:${kind}`,
      at: createdAt,
      place: "document" as const,
      title: kind === "invoice" ? `Number ${number} for the invoice` : "The label's number",
      detail: isMade ? "the PDF is made" : "the PDF is not made yet",
      status: isMade ? ("done" as const) : ("waiting" as const),
      worker: kind === "invoice" ? "render-invoice" : "render-label",
    })),
    ...deliveries.map(({ endpointId, factId, partner, factType, httpStatus, deliveredAt }) => ({
      key: `webhook:${endpointId}:${factId}`,
      at: deliveredAt,
      place: "webhook" as const,
      title: `${partner} was told of ${factType}`,
      detail: `answered ${httpStatus}`,
      status: "done" as const,
      worker: "deliver-webhook",
      seq: seqOfId(factId),
    })),
  ];
}

export const isUnsettled = (status: DeadLetterStatus): boolean =>
  (unsettledStatuses as readonly DeadLetterStatus[]).includes(status);

/** Each death, edit and replay of a dead letter. */
export function letterSteps(facts: StoryFacts, letter: StoryLetter): NewStep[] {
  const seq = seqOf(facts, letter.messageId);
  const worker = letter.consumer;
  const href = hrefs.letter(letter.id);
  const newest = letter.deaths.at(-1)?.id;
  const deaths = letter.deaths.map(({ id, failedAt, errorClass, errorMessage, attempts }) => ({
    key: `death:${id}`,
    at: failedAt,
    place: "dead_letter" as const,
    title: `Dead in ${worker ?? letter.source}`,
    detail: `after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}: ${errorClass}: ${errorMessage}`,
    status: id === newest && isUnsettled(letter.status) ? ("dead" as const) : ("failed" as const),
    worker,
    seq,
    href,
  }));
  const edits = letter.edits.map(({ number, actor, reason, createdAt }) => ({
    key: `edit:${letter.id}:${number}`,
    at: createdAt,
    place: "replay" as const,
    title: `Edited by ${actor}`,
    detail: reason,
    status: "done" as const,
    worker,
    seq,
    href,
  }));
  const replays = letter.replays.map(({ id, status, detail, by, claimedAt, sentAt, settledAt }) => ({
    key: `replay:${id}`,
    at: sentAt ?? claimedAt ?? facts.now,
    endedAt: settledAt,
    place: "replay" as const,
    title: `Replayed by ${by ?? "nobody yet"}`,
    detail: detail ?? replayStatusLabels[status].label,
    status: replayStatus(status),
    worker,
    seq,
    href,
  }));
  return [...deaths, ...edits, ...replays];
}

function replayStatus(status: ReplayStatus): StoryStep["status"] {
  if (status === "succeeded") return "done";
  return ["waiting", "sent"].includes(status) ? "waiting" : "failed";
}

import type { VerdictOf } from "#contracts/api/dead-letters";
import {
  type MailKind,
  mailKindLabels,
  type OrderStatus,
  orderStatusLabels,
  type PaymentStatus,
  paymentStatusLabels,
} from "#contracts/vocabulary";

/** What the database says of a letter's message, its order and its effects. */
export type LetterFacts = {
  consumer: string | null;
  /** What it tells or asks: an event's type, a mail's kind, the fact of a webhook. */
  about: string | null;
  /** Place in the order's history; null for commands. */
  seq: number | null;
  /** Why the worker could not read it; null = it can. */
  payloadFault: string | null;
  /** When the worker's inbox took this very message. */
  processedAt: Date | null;
  /** The effect is there although the inbox does not know the message. */
  effect: { what: string; at: Date } | null;
  order: { status: OrderStatus; endedAt: Date | null; cancelReason: string | null } | null;
  payment: { status: PaymentStatus; amountCents: number; currency: string; settledAt: Date | null } | null;
  /** When the order's money went back. */
  refundedAt: Date | null;
  /** The newest event of the order that this worker has applied; null = none, or it does not matter. */
  appliedSeq: number | null;
};

/**
 * Judges a replay before anything is sent, from facts alone. What is certain comes first: an effect that is there, then a
 * message that would only fail again, then money, then the order's end, then what is behind the times.
 */
export function decideVerdict(facts: LetterFacts): VerdictOf {
  return (
    alreadyDone(facts) ??
    payloadNotValid(facts) ??
    wouldChargeTwice(facts) ??
    orderEnded(facts) ??
    superseded(facts) ?? { verdict: "safe", reason: whySafe(facts) }
  );
}

function alreadyDone({ consumer, processedAt, effect }: LetterFacts): VerdictOf | null {
  if (processedAt)
    return {
      verdict: "already_done",
      reason: `${consumer} did this at ${time(processedAt)}: its inbox has the message.`,
    };
  return effect && { verdict: "already_done", reason: `${effect.what} at ${time(effect.at)}.` };
}

function payloadNotValid({ payloadFault }: LetterFacts): VerdictOf | null {
  return payloadFault === null
    ? null
    : { verdict: "payload_not_valid", reason: `It would fail again, unread: ${payloadFault}.` };
}

/** The saga's messages that make it give money back, where the order's money has gone back. */
const refunding = new Set(["payment.captured", "inventory.rejected", "shipping.failed", "order.deadline"]);

function wouldChargeTwice({ consumer, about, payment, refundedAt }: LetterFacts): VerdictOf | null {
  if (consumer === "charge-payment" && payment?.status === "captured")
    return {
      verdict: "would_charge_twice",
      reason: `${money(payment)} of this order ${at("was captured", payment.settledAt)}: another charge would take it twice.`,
    };
  if (consumer === "order-saga" && payment && refundedAt && refunding.has(about ?? ""))
    return {
      verdict: "would_charge_twice",
      reason: `${money(payment)} of this order went back at ${time(refundedAt)}: another refund would pay it twice.`,
    };
  return null;
}

/** Workers that only note what happened, and the one whose work is the end of an order. */
const unconcerned = new Set(["project-orders", "keep-audit", "record-analytics", "order-saga"]);
/** What is told because an order ends: as true and as wanted afterwards. */
const endings = new Set([
  ...[
    "order.cancelled",
    "payment.failed",
    "payment.refunded",
    "inventory.rejected",
    "inventory.released",
    "shipping.failed",
  ],
  ...["order_cancelled", "payment_failed"],
]);

function orderEnded({ consumer, about, order, payment, refundedAt }: LetterFacts): VerdictOf | null {
  if (!order || unconcerned.has(consumer ?? "") || endings.has(about ?? "")) return null;
  const end = (what: string): VerdictOf => ({
    verdict: "order_ended",
    reason: `The order ${what}: ${called(about) ?? "this message"} would carry it on.`,
  });
  if (order.status === "cancelled")
    return end(`${at("was cancelled", order.endedAt)}${order.cancelReason ? ` (${order.cancelReason})` : ""}`);
  if (payment?.status === "refunded") return end(at("was refunded", refundedAt));
  if (order.status === "payment_failed") return end(at("ended unpaid", payment?.settledAt ?? null));
  return null;
}

const way: readonly OrderStatus[] = ["placed", "paid", "reserved", "shipped", "delivered"];
/** Where these workers bring an order: from there on they have nothing to do. */
const brings: Readonly<Record<string, OrderStatus>> = {
  "charge-payment": "paid",
  "reserve-stock": "reserved",
  "create-shipment": "shipped",
};

function superseded({ consumer, about, seq, order, appliedSeq }: LetterFacts): VerdictOf | null {
  const goal = brings[consumer ?? ""];
  if (order && goal && way.indexOf(order.status) >= way.indexOf(goal))
    return {
      verdict: "superseded",
      reason: `The order is “${orderStatusLabels[order.status].label}” already, so ${consumer} has nothing left to do.`,
    };
  if (seq !== null && appliedSeq !== null && appliedSeq > seq)
    return {
      verdict: "superseded",
      reason: `${consumer} has applied event ${appliedSeq} of this order; ${called(about) ?? "this one"} is event ${seq}.`,
    };
  return null;
}

function whySafe({ consumer, order, payment }: LetterFacts): string {
  const who = consumer ?? "Nobody of ours";
  if (!order) return `${who} has not done it yet, and it belongs to no order we know.`;
  const money = payment ? `, its payment “${paymentStatusLabels[payment.status]}”` : "";
  return `${who} has not done it yet; its order is “${orderStatusLabels[order.status].label}”${money}.`;
}

/** What a message is called where people read: mails by the name of their kind, all else by its type. */
const called = (about: string | null): string | null =>
  about !== null && about in mailKindLabels ? `the mail “${mailKindLabels[about as MailKind]}”` : about;

const time = (date: Date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
const at = (what: string, date: Date | null) => (date ? `${what} at ${time(date)}` : what);
const money = ({ amountCents, currency }: NonNullable<LetterFacts["payment"]>) =>
  `${Math.trunc(amountCents / 100)}.${String(amountCents % 100).padStart(2, "0")} ${currency}`;

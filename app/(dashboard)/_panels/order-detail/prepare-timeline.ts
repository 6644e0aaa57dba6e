import type { OrderDetail, OrderEvent } from "#contracts/api/orders";
import type { OrderStatus } from "#contracts/vocabulary";
import { formatDuration } from "../../_ui/format.ts";

export type Step = OrderEvent & {
  /** What happened, in a sentence's words. */
  title: string;
  /** Since the event before it; null for the first. */
  tookMs: number | null;
  isBad: boolean;
};

const titles: Readonly<Record<string, string>> = {
  "order.placed": "Order placed",
  "payment.captured": "Payment captured",
  "payment.failed": "Payment failed",
  "payment.deferred": "Payment deferred to the delivery",
  "payment.refunded": "Payment refunded",
  "inventory.reserved": "Stock reserved",
  "inventory.rejected": "Stock could not be reserved",
  "inventory.released": "Stock released",
  "shipping.created": "Handed to the carrier",
  "shipping.failed": "Refused by the carrier",
  "order.cancelled": "Order cancelled",
  "order.delivered": "Delivered",
};
const bad = new Set(["payment.failed", "inventory.rejected", "shipping.failed", "order.cancelled"]);

/** The order's history in its own order, with the time each step took. Events that came twice are one. Pure. */
export function prepareTimeline(events: readonly OrderEvent[]): Step[] {
  const distinct = [...new Map(events.map((event) => [event.seq, event])).values()].toSorted((a, b) => a.seq - b.seq);
  return distinct.map((event, index) => {
    const before = distinct[index - 1];
    return {
      ...event,
      title: titles[event.type] ?? event.type,
      tookMs: before ? Date.parse(event.occurredAt) - Date.parse(before.occurredAt) : null,
      isBad: bad.has(event.type),
    };
  });
}

/** What an operator wants to know first: what comes next, or why nothing does. Pure. */
export function prepareNext({ order, waiting, stuckSince, events }: OrderDetail): string {
  const [retry] = waiting;
  if (stuckSince)
    return `Stuck since ${stuckSince.slice(0, 16).replace("T", " ")} UTC: a provider never said what became of its part.`;
  if (retry)
    return `Waiting for another attempt of ${retry.consumer} (${retry.attempts} made): ${retry.lastError ?? "it did not answer"}.`;
  const reason = events.findLast((event) => typeof event.data.reason === "string")?.data.reason;
  const sentences: Record<OrderStatus, string> = {
    placed: order.paymentMethod === "cod" ? "Stock is reserved next." : "The payment is taken next.",
    paid: "Stock is reserved next.",
    reserved: "The carrier is asked next.",
    shipped: "On its way; the carrier is asked from time to time whether it arrived.",
    delivered: "Done: the carrier handed it over.",
    payment_failed: `Done: the payment was declined (${reason ?? "no reason given"}). Nothing was charged.`,
    cancelled: `Done: cancelled (${reason ?? "no reason given"}). ${events.some(({ type }) => type === "payment.refunded") ? "The money went back." : "No money was taken."}`,
  };
  return sentences[order.status];
}

/** `placed → shipped in 1.4 s`; null while it is not there yet. */
export function prepareSpeed(events: readonly OrderEvent[]): string | null {
  const placed = events.find(({ type }) => type === "order.placed");
  const shipped = events.find(({ type }) => type === "shipping.created");
  if (!placed || !shipped) return null;
  return `placed → shipped in ${formatDuration(Date.parse(shipped.occurredAt) - Date.parse(placed.occurredAt))}`;
}

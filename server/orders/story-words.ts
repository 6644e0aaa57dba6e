import { queueReaders } from "#contracts/process-map";
import { topics } from "#contracts/topology";

/** What an event is called where people read. */
export const eventTitles: Readonly<Record<string, string>> = {
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

/** Events that tell of something an order should not meet. */
export const badEvents: ReadonlySet<string> = new Set([
  "payment.failed",
  "inventory.rejected",
  "shipping.failed",
  "order.cancelled",
]);

const mails: Readonly<Record<string, string>> = {
  order_received: "receipt of the order",
  order_confirmed: "confirmation",
  payment_failed: "the payment did not go through",
  order_shipped: "the parcel is on its way",
  order_cancelled: "cancellation",
  order_delivered: "arrival of the parcel",
};

/** What a job of a queue worker is called. `partner` = the name behind a webhook's endpoint. */
export function jobTitle(worker: string, about: string | null, partner: string | undefined): string {
  switch (worker) {
    case "send-email":
      return `Mail: ${mails[about ?? ""] ?? about}`;
    case "render-invoice":
      return "The invoice";
    case "render-label":
      return "The label";
    case "deliver-webhook":
      return `Webhook to ${partner ?? "a partner"}`;
    default:
      return "A copy for the audit";
  }
}

export const hrefs = {
  record: (partition: number | null, offset: number | null): string =>
    partition === null || offset === null
      ? `/topics/${topics.orderEvents.name}`
      : `/topics/${topics.orderEvents.name}?partition=${partition}&from=offset&offset=${offset}`,
  queue: (name: string): string => `/queues?family=${name}`,
  /** A worker is seen where it reads: at its queue, or as its consumer group. */
  worker: (worker: string): string => {
    const reader = queueReaders.find((one) => one.worker === worker);
    return reader ? hrefs.queue(reader.queue) : `/consumers/${worker}`;
  },
  letter: (id: string): string => `/dead-letters/letters/${id}`,
  /** A letter that is gone has left its trace in the audit only. */
  letterAudit: (id: string): string => `/audit?subject=letter:${id}`,
};

/** `12.90 EUR`, in whole cents only. */
export const money = (cents: number, currency: string): string =>
  `${Math.trunc(cents / 100)}.${String(Math.abs(cents % 100)).padStart(2, "0")} ${currency}`;

/** `340 ms`, `2.4 s`, `40 s`, `6 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 36 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** `2026-11-21 08:01:05 UTC`. */
export const instant = (iso: string): string => `${iso.slice(0, 19).replace("T", " ")} UTC`;

export const ms = (iso: string): number => Date.parse(iso);

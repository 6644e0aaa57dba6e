import type { MessageContract, Received } from "#contracts/message";
import type { OrderStatus } from "#contracts/vocabulary";
import type { LateOrder } from "./saga.ts";

/** What the saga does about a message. */
export type Step =
  | { kind: "open" }
  | { kind: "end" }
  | { kind: "compensate"; reason: string }
  | { kind: "stuck" }
  | { kind: "watch-delivery"; carrierId: string; checks: number }
  | { kind: "none" };

/** What the decision needs besides the message. */
export type Known = { status: OrderStatus | undefined; late: LateOrder | undefined };

/**
 * The saga's whole judgement, pure. It starts what undoes, ends what is over, and never undoes what may be under way:
 * an order whose payment or parcel is at an open outcome is stuck, not cancelled.
 */
export function decideStep(message: Received<MessageContract>, { status, late }: Known): Step {
  const data = message.data as Record<string, never>;
  switch (message.type) {
    case "order.placed":
      return { kind: "open" };
    case "payment.failed":
      return { kind: "end" };
    case "payment.captured":
      return status === "cancelled"
        ? { kind: "compensate", reason: "the money came after the order was cancelled" }
        : { kind: "none" };
    case "inventory.rejected":
    case "shipping.failed":
      return { kind: "compensate", reason: String(data.reason) };
    case "shipping.created":
    case "order.delivery_check":
      return { kind: "watch-delivery", carrierId: String(data.carrierId), checks: Number(data.checks ?? 0) };
    case "order.deadline":
      return decideLate(late);
    default:
      return { kind: "none" };
  }
}

const MINUTE_MS = 60_000;
const LONGEST_CHECK_MS = 6 * 60 * MINUTE_MS;
/** The carrier is asked about a parcel for about so long. */
export const DELIVERY_WATCH_DAYS = 30;
/** Ten by the minute, fifteen that grow to six hours within half a day, then four a day. */
const DELIVERY_CHECKS = 25 + (DELIVERY_WATCH_DAYS - 1) * 4;

/** When the carrier is asked next, after so many times, ms; null = not any more. Pure. */
export const deliveryCheckDelayMs = (checks: number): number | null =>
  checks >= DELIVERY_CHECKS ? null : Math.min(MINUTE_MS * 1.5 ** Math.max(0, checks - 10), LONGEST_CHECK_MS);

function decideLate(late: LateOrder | undefined): Step {
  if (!late || !["placed", "paid", "reserved"].includes(late.status)) return { kind: "none" };
  return late.isInFlight ? { kind: "stuck" } : { kind: "compensate", reason: `still ${late.status} at its deadline` };
}

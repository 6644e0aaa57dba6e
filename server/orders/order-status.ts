import type { OrderStatus } from "#contracts/vocabulary";

/** The one table of allowed moves. What is not here does not happen. */
export const allowedMoves: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  placed: ["paid", "reserved", "payment_failed", "cancelled"],
  paid: ["reserved", "cancelled"],
  reserved: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  payment_failed: [],
  cancelled: [],
};

/** The statuses that no move leads out of. */
export const finalStatuses: readonly OrderStatus[] = (Object.keys(allowedMoves) as OrderStatus[]).filter(
  (status) => allowedMoves[status].length === 0,
);

/** The status that an event brings; an event that is not here tells something and moves nothing. */
const statusByEvent: Readonly<Record<string, OrderStatus>> = {
  "order.placed": "placed",
  "payment.captured": "paid",
  "payment.failed": "payment_failed",
  "inventory.reserved": "reserved",
  "shipping.created": "shipped",
  "order.delivered": "delivered",
  "order.cancelled": "cancelled",
};

/** The status an event brings, or null when it moves nothing. */
export const statusAfter = (eventType: string): OrderStatus | null => statusByEvent[eventType] ?? null;

/** The statuses from which `to` may be reached. */
export const allowedFrom = (to: OrderStatus): OrderStatus[] =>
  (Object.keys(allowedMoves) as OrderStatus[]).filter((from) => allowedMoves[from].includes(to));

/**
 * Follows a history from its first event. Money that arrives after the end moves nothing: it is recorded and refunded.
 * @returns where it ends, and whether every move on the way was allowed.
 */
export function movesOf(eventTypes: readonly string[]): { status: OrderStatus | null; isLegal: boolean } {
  let status: OrderStatus | null = null;
  let isLegal = eventTypes[0] === "order.placed";
  for (const type of eventTypes) {
    const to = statusAfter(type);
    if (to === null) continue;
    if (status === "cancelled" && type === "payment.captured") continue;
    isLegal &&= status === null ? to === "placed" : allowedMoves[status].includes(to);
    status = to;
  }
  return { status, isLegal };
}

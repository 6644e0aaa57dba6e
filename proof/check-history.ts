import { movesOf } from "#server/orders/order-status";
import type { Ledgers, Violation } from "./ledgers.ts";

const terminal = new Set(["shipped", "delivered", "payment_failed", "cancelled"]);

/** No accepted order is lost, stuck or takes a step it may not take; its history has no gap and all of it was sent. */
export function checkHistory({ accepted, orders, events, waitingRetries }: Ledgers): Violation[] {
  const known = new Map(orders.map((order) => [order.id, order]));
  const histories = Map.groupBy(events, (event) => event.orderId);
  const violations: Violation[] = [];
  const found = (rule: string, detail: string) => violations.push({ rule, detail });

  for (const id of accepted) if (!known.has(id)) found("accepted order is durable", id);
  for (const order of orders) {
    const history = (histories.get(order.id) ?? []).toSorted((a, b) => a.seq - b.seq);
    if (!terminal.has(order.status)) found("order reaches a final state", `${order.id} is ${order.status}`);
    if (order.shownStatus !== order.status)
      found("the dashboard shows the truth", `${order.id} is ${order.status}, shown ${order.shownStatus}`);
    if (history.some((event, index) => event.seq !== index + 1) || history.length !== order.lastSeq)
      found("history has no gap", `${order.id}: ${history.map((event) => event.seq).join(",")} of ${order.lastSeq}`);
    const folded = movesOf(history.map((event) => event.type));
    if (!folded.isLegal || folded.status !== order.status)
      found(
        "only allowed moves",
        `${order.id} is ${order.status} after ${history.map((event) => event.type).join(" → ")}`,
      );
  }
  for (const event of events)
    if (!event.isSent) found("every event reaches Kafka", `${event.orderId} #${event.seq} ${event.type}`);
  if (waitingRetries > 0) found("nothing waits for ever", `${waitingRetries} messages wait for another attempt`);
  return violations;
}

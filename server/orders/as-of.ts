import type { OrderAsOf, OrderState } from "#contracts/api/story";
import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { summarizeFacts } from "./project-orders.ts";
import { money } from "./story-words.ts";

type Told = { seq: number; type: string; occurredAt: string; data: Record<string, unknown> };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The order as it was right after one of its events, made from nothing but its history, by the same judgement as the
 * projection's. @param seq left out = the newest. @throws Problem 404 for an order or an event that is none.
 */
export async function readAsOf(orderId: string, seq?: number): Promise<OrderAsOf> {
  const history = uuid.test(orderId)
    ? await db.rows<Omit<Told, "occurredAt"> & { occurredAt: Date }>(sql`
        SELECT seq, type, occurred_at AS "occurredAt", data FROM outbox
         WHERE key = ${orderId.toLowerCase()} AND topic = ${topics.orderEvents.name} ORDER BY seq`)
    : [];
  if (history.length === 0) throw new Problem(404, "order_not_found", "There is no order with this id.");
  const facts = history.map((fact) => ({ ...fact, occurredAt: fact.occurredAt.toISOString() }));
  const last = seq === undefined ? facts.at(-1) : facts.find((fact) => fact.seq === seq);
  if (!last) throw new Problem(404, "event_not_found", `This order has no event ${seq}.`);
  const { type, occurredAt: at } = last;
  return { seq: last.seq, of: facts.at(-1)!.seq, at, type, state: stateAfter(orderId, facts, last.seq) };
}

/** The state that the facts up to `seq` come to. The same facts in any order, and twice, come to the same. Pure. */
export function stateAfter(orderId: string, facts: readonly Told[], seq: number): OrderState {
  const told = [...new Map(facts.filter((fact) => fact.seq <= seq).map((fact) => [fact.seq, fact])).values()];
  const known = told.toSorted((a, b) => a.seq - b.seq);
  if (known.length === 0) return {};
  const view = summarizeFacts(
    orderId,
    known.map((fact) => ({ ...fact, orderId })),
  );
  const details = Object.assign({}, ...known.map(tellOf)) as OrderState;
  return { status: view.status, ...details, lastEvent: view.type, changedAt: view.occurredAt };
}

/** What an event adds to the state, in the words of the screen. */
function tellOf({ type, data }: Told): Record<string, unknown> {
  const order = data.order as
    | { currency: string; totalCents: number; number: number; paymentMethod: string }
    | undefined;
  const amount = () => money(Number(data.amountCents), order?.currency ?? "");
  switch (type) {
    case "order.placed":
      return {
        number: order?.number,
        total: order && money(order.totalCents, order.currency),
        paymentMethod: order?.paymentMethod,
        express: data.express,
        lines: pieces(data.lines),
        shippingAddress: Object.values((data.shippingAddress as object | undefined) ?? {}).join(", "),
        payment: "open",
        stock: "open",
        parcel: "open",
      };
    case "payment.captured":
      return { payment: `captured, ${amount()}`, chargeId: data.chargeId };
    case "payment.deferred":
      return { payment: "comes with the parcel" };
    case "payment.failed":
      return { payment: `declined: ${data.reason}` };
    case "payment.refunded":
      return { payment: `given back, ${amount()}`, refundId: data.refundId };
    case "inventory.reserved":
      return { stock: `reserved: ${pieces(data.lines)}` };
    case "inventory.rejected":
      return { stock: `missing: ${pieces(data.missing)}` };
    case "inventory.released":
      return { stock: `released: ${pieces(data.lines)}` };
    case "shipping.created":
      return {
        parcel: "with the carrier",
        carrier: data.carrier,
        trackingNumber: data.trackingNumber,
        stock: "shipped",
      };
    case "shipping.failed":
      return { parcel: `refused: ${data.reason}` };
    case "order.delivered":
      return { parcel: "delivered", deliveredAt: data.deliveredAt };
    case "order.cancelled":
      return { cancelReason: data.reason };
    default:
      return {};
  }
}

const pieces = (lines: unknown): string =>
  (Array.isArray(lines) ? (lines as { quantity: number; sku: string }[]) : [])
    .map(({ quantity, sku }) => `${quantity} × ${sku}`)
    .join(", ");

import { z } from "zod";
import { event, reminder } from "../message.ts";
import { personal } from "../personal.ts";
import { topics } from "../topology.ts";

export const OrderLine = z.object({
  sku: z.string(),
  name: z.string(),
  quantity: z.int().positive(),
  unitPriceCents: z.int().nonnegative(),
});

export const ShippingAddress = z.object({
  name: personal("name", z.string()),
  line1: personal("place", z.string()),
  line2: personal("place", z.string()).optional(),
  postalCode: personal("place", z.string()),
  city: personal("place", z.string()),
  country: z.string().length(2),
});
export type ShippingAddress = z.infer<typeof ShippingAddress>;

/** The order is durable; everything else follows from it. */
export const orderPlaced = event("order.placed", {
  version: 1,
  body: {
    customerId: z.uuid(),
    lines: z.array(OrderLine).min(1),
    shippingAddress: ShippingAddress,
    express: z.boolean(),
    /** The payment method token of the provider; null for cash on delivery. */
    paymentToken: personal("place", z.string()).nullable(),
  },
  publicFact: {
    topic: topics.orderCreated.name,
    version: 1,
    body: ({ order }) => ({
      number: order.number,
      country: order.country,
      totalCents: order.totalCents,
      currency: order.currency,
    }),
  },
});

/** Every earlier step is undone; nothing more will happen. */
export const orderCancelled = event("order.cancelled", {
  version: 1,
  terminal: true,
  body: { reason: personal("text", z.string()) },
});

/** The carrier handed it over. */
export const orderDelivered = event("order.delivered", {
  version: 1,
  terminal: true,
  body: { deliveredAt: z.iso.datetime() },
});

/** The saga asks itself whether the order got where it should be by now. */
export const orderDeadline = reminder("order.deadline", { version: 1, body: z.object({}) });

/** The saga asks the carrier whether the parcel arrived. */
export const deliveryCheck = reminder("order.delivery_check", {
  version: 1,
  body: z.object({ carrierId: z.string(), checks: z.int().nonnegative() }),
});

import { z } from "zod";
import { event } from "../message.ts";
import { personal } from "../personal.ts";
import { topics } from "../topology.ts";

/** The money is ours. Stock may be reserved. */
export const paymentCaptured = event("payment.captured", {
  version: 1,
  body: { paymentId: z.uuid(), chargeId: z.string(), amountCents: z.int().positive() },
  publicFact: {
    topic: topics.orderPaid.name,
    version: 1,
    body: ({ order, amountCents }) => ({ number: order.number, amountCents, currency: order.currency }),
  },
});

/** The provider said no; the order ends here. */
export const paymentFailed = event("payment.failed", {
  version: 1,
  body: { paymentId: z.uuid(), reason: personal("text", z.string()) },
});

/** Cash on delivery: stock may be reserved, the money comes with the parcel. */
export const paymentDeferred = event("payment.deferred", { version: 1, body: {} });

/** The money went back to the customer. */
export const paymentRefunded = event("payment.refunded", {
  version: 1,
  terminal: true,
  body: {
    paymentId: z.uuid(),
    refundId: z.string(),
    amountCents: z.int().positive(),
    reason: personal("text", z.string()),
  },
});

import { z } from "zod";
import { command, event } from "../message.ts";
import { personal } from "../personal.ts";
import { queues, topics } from "../topology.ts";
import { mailKinds } from "../vocabulary.ts";

/** The carrier accepted the parcel. */
export const shippingCreated = event("shipping.created", {
  version: 1,
  body: { shipmentId: z.uuid(), carrierId: z.string(), carrier: z.string(), trackingNumber: z.string() },
  publicFact: {
    topic: topics.orderShipped.name,
    version: 1,
    body: ({ order, carrier, trackingNumber }) => ({ number: order.number, carrier, trackingNumber }),
  },
});

/** The carrier refused the parcel for good, e.g. for its address. */
export const shippingFailed = event("shipping.failed", { version: 1, body: { reason: personal("text", z.string()) } });

/** Write to the order's customer; the address is looked up, never carried. Priority 0..10 is set by the sender. */
export const sendEmail = command("email.send", {
  version: 1,
  queue: queues.email,
  body: z.object({
    kind: z.enum(mailKinds),
    orderNumber: z.int(),
    reason: personal("text", z.string()).optional(),
    trackingNumber: z.string().optional(),
  }),
});

export const renderInvoice = command("invoice.render", {
  version: 1,
  queue: queues.invoice,
  body: z.object({ orderNumber: z.int() }),
});

export const renderLabel = command("label.render", {
  version: 1,
  queue: queues.label,
  body: z.object({ orderNumber: z.int(), carrier: z.string(), trackingNumber: z.string() }),
});

/** Tell one partner endpoint of one fact. */
export const deliverWebhookCommand = command("webhook.deliver", {
  version: 1,
  queue: queues.webhook,
  body: z.object({
    endpointId: z.uuid(),
    /** The fact's event id: stable over retries, the receiver's key against duplicates. */
    factId: z.uuid(),
    factType: z.string(),
    occurredAt: z.iso.datetime(),
    payload: personal("withheld", z.record(z.string(), z.unknown())),
  }),
});

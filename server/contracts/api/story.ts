import { z } from "zod";
import { personal } from "../personal.ts";
import { orderStatuses } from "../vocabulary.ts";

/** One thing that happened to an order, wherever it happened. */
export const StoryStep = z.object({
  /** Stable: the same step has the same key on every read. */
  key: z.string(),
  at: z.iso.datetime(),
  /** null = a moment; else until then. */
  endedAt: z.iso.datetime().nullable(),
  place: z.enum([
    "checkout",
    "outbox",
    "kafka",
    "worker",
    "queue",
    "retry",
    "dead_letter",
    "replay",
    "mail",
    "document",
    "webhook",
    "provider",
  ]),
  title: personal("text", z.string()),
  detail: personal("text", z.string()).nullable(),
  status: z.enum(["done", "waiting", "failed", "dead"]),
  /** The worker, where it was one. */
  worker: z.string().nullable(),
  /** Sequence number of the event it belongs to. */
  seq: z.int().nullable(),
  /** To the offset, queue, group or dead letter behind it. */
  href: z.string().nullable(),
  /** Since the step before, ms. */
  gapMs: z.int().nullable(),
});
export type StoryStep = z.infer<typeof StoryStep>;

/** Why an order does not move, in one sentence. */
export const WhyNot = z.object({
  isMoving: z.boolean(),
  sentence: personal("text", z.string()),
  href: z.string().nullable(),
});
export type WhyNot = z.infer<typeof WhyNot>;

export const OrderStory = z.object({ steps: z.array(StoryStep), why: WhyNot });
export type OrderStory = z.infer<typeof OrderStory>;

/** What the events so far come to, in the words of the screen. */
const OrderState = z
  .object({
    status: z.enum(orderStatuses).nullable(),
    number: z.int(),
    total: z.string(),
    paymentMethod: z.string(),
    express: z.boolean(),
    lines: z.string(),
    shippingAddress: personal("place", z.string()),
    payment: personal("text", z.string()),
    chargeId: z.string(),
    refundId: z.string(),
    stock: z.string(),
    parcel: personal("text", z.string()),
    carrier: z.string(),
    trackingNumber: z.string(),
    deliveredAt: z.iso.datetime(),
    cancelReason: personal("text", z.string()),
    lastEvent: z.string(),
    changedAt: z.iso.datetime(),
  })
  .partial();
export type OrderState = z.infer<typeof OrderState>;

/** The order as it was right after one of its events, rebuilt from its history. */
export const OrderAsOf = z.object({
  seq: z.int(),
  of: z.int(),
  at: z.iso.datetime(),
  type: z.string(),
  state: OrderState,
});
export type OrderAsOf = z.infer<typeof OrderAsOf>;

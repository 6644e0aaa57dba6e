import { z } from "zod";
import { orderStatuses } from "../vocabulary.ts";
import { OrderRow } from "./orders.ts";

/** What the first screen shows. Counts without test orders are not promised here; money is not summed. */
export const Overview = z.object({
  /** Server time of the numbers. */
  at: z.iso.datetime(),
  counts: z.record(z.enum(orderStatuses), z.int()),
  /** Orders placed per minute over the last hour, oldest first, empty minutes included. */
  placedPerMinute: z.array(z.object({ minute: z.iso.datetime(), placed: z.int(), ended: z.int() })),
  newest: z.array(OrderRow),
  outbox: z.object({ unsent: z.int(), oldestMs: z.int().nullable() }),
  /** Oldest order that is neither shipped nor ended, ms since it was placed. */
  oldestOpenMs: z.int().nullable(),
  stuck: z.int(),
  waitingRetries: z.int(),
  workers: z.object({ isRunning: z.boolean(), restarts: z.int() }),
});
export type Overview = z.infer<typeof Overview>;

export const Generator = z.object({
  running: z.boolean(),
  ratePerSecond: z.number(),
  placed: z.int(),
  refused: z.int(),
});
export type Generator = z.infer<typeof Generator>;

export const GeneratorChange = z.object({
  running: z.boolean().optional(),
  ratePerSecond: z.number().min(0.1).max(100).optional(),
});

export const Catalogue = z.object({
  products: z.array(
    z.object({
      sku: z.string(),
      name: z.string(),
      category: z.string(),
      priceCents: z.int(),
      currency: z.string(),
      available: z.int(),
    }),
  ),
  customers: z.array(z.object({ id: z.uuid(), name: z.string(), country: z.string() })),
});
export type Catalogue = z.infer<typeof Catalogue>;

export const SessionInfo = z.object({
  user: z.object({ name: z.string(), email: z.string(), role: z.string() }),
  permissions: z.array(z.string()),
  /** Where the sandbox shows its mails; null without the demo. */
  mailUrl: z.string().nullable(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

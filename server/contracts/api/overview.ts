import { z } from "zod";
import { personal } from "../personal.ts";
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
  /** Orders of which the reconciler misses something. */
  missing: z.int(),
  waitingRetries: z.int(),
  /** Which order to look at: the one that has been so for longest; null = none is. */
  oldest: z.object({ stuck: z.uuid().nullable(), retrying: z.uuid().nullable(), open: z.uuid().nullable() }),
  workers: z.object({ isRunning: z.boolean(), restarts: z.int() }),
});
export type Overview = z.infer<typeof Overview>;

export const Generator = z.object({
  running: z.boolean(),
  ratePerSecond: z.number(),
  placed: z.int(),
  refused: z.int(),
  /** The last one; null = there was none since the sandbox started. */
  flashSale: z
    .object({
      isRunning: z.boolean(),
      ratePerMinute: z.number(),
      total: z.int(),
      placed: z.int(),
      refused: z.int(),
      startedAt: z.iso.datetime(),
    })
    .nullable(),
});
export type Generator = z.infer<typeof Generator>;

export const GeneratorChange = z.object({
  running: z.boolean().optional(),
  ratePerSecond: z.number().min(0.1).max(100).optional(),
  /** Test orders at an even pace; null stops it. */
  flashSale: z
    .object({ ratePerMinute: z.int().min(1).max(6_000), minutes: z.number().min(0.1).max(60) })
    .nullable()
    .optional(),
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
  customers: z.array(z.object({ id: z.uuid(), name: personal("name", z.string()), country: z.string() })),
});
export type Catalogue = z.infer<typeof Catalogue>;

export const SessionInfo = z.object({
  user: z.object({ name: z.string(), email: z.string(), role: z.string() }),
  permissions: z.array(z.string()),
  /** Where the sandbox shows its mails; null without the demo, and for whoever may not see personal data. */
  mailUrl: z.string().nullable(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

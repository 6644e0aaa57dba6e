import { z } from "zod";
import { personal } from "../personal.ts";
import { findingKinds, orderStatuses } from "../vocabulary.ts";
import { Money } from "./dead-letters.ts";

/** Findings that one act sends again at most. */
export const MAX_RE_EMITS = 500;

/** Something that the reconciler misses: an event, a job, or an order's next step. */
export const FindingRow = z.object({
  id: z.uuid(),
  kind: z.enum(findingKinds),
  orderId: z.uuid(),
  /** Null, as the rest of the order: it is not in the database any more. */
  orderNumber: z.int().nullable(),
  orderStatus: z.enum(orderStatuses).nullable(),
  totalCents: z.int().nullable(),
  currency: z.string().nullable(),
  isTest: z.boolean(),
  subject: z.string(),
  detail: personal("text", z.string()),
  foundAt: z.iso.datetime(),
  resolvedAt: z.iso.datetime().nullable(),
  resolution: personal("text", z.string()).nullable(),
  canReEmit: z.boolean(),
  /** The last time somebody sent it again; null = nobody has. */
  sentAgain: z.object({ at: z.iso.datetime(), by: personal("email", z.string()) }).nullable(),
});
export type FindingRow = z.infer<typeof FindingRow>;

/** All open findings of one kind. Money: each order once, no test orders. */
export const FindingKindTotal = z.object({
  kind: z.enum(findingKinds),
  findings: z.int(),
  orders: z.int(),
  oldestAt: z.iso.datetime(),
  money: Money,
});
export type FindingKindTotal = z.infer<typeof FindingKindTotal>;

export const FindingListQuery = z.object({ orderId: z.uuid().optional() });

export const FindingList = z.object({
  /** Open ones first, the oldest first, so many of each kind at most; then what was resolved last. */
  findings: z.array(FindingRow),
  totals: z.array(FindingKindTotal),
  /** All kinds together, each order once. */
  orders: z.int(),
  money: Money,
  /** Whether a reconciler looks at all at present: where none does, nothing missing means nothing. */
  isWatched: z.boolean(),
});
export type FindingList = z.infer<typeof FindingList>;

const Reason = z.string().trim().min(3).max(2_000);

export const ReEmitRequest = z.object({ reason: Reason });
/** What left anew: `event` to Kafka, `job` to the worker that asks for it. It resolves the finding when it arrives. */
export const ReEmitReply = z.object({
  operationId: z.uuid(),
  what: z.enum(["event", "job"]),
  detail: personal("text", z.string()),
});
export type ReEmitReply = z.infer<typeof ReEmitReply>;

/** Without `accepted` it is the question what would be sent: nothing changes. */
export const ReEmitKindRequest = z.object({
  kind: z.enum(findingKinds),
  /** The plan's findings, all or some; only these are sent. */
  accepted: z.object({ findingIds: z.array(z.uuid()).min(1).max(MAX_RE_EMITS), reason: Reason }).optional(),
});
export type ReEmitKindRequest = z.infer<typeof ReEmitKindRequest>;

export const ReEmitKindReply = z.object({
  /** Null = a plan: it was rehearsed and undone. */
  operationId: z.uuid().nullable(),
  /** What is sent, or would be: the oldest, so many at most. */
  findingIds: z.array(z.uuid()),
  /** All of the kind that are open. */
  open: z.int(),
  orders: z.int(),
  money: Money,
  /** What leaves, in words, and how often. */
  effects: z.array(z.object({ detail: personal("text", z.string()), findings: z.int() })),
  /** What is not sent, and why. */
  left: z.array(z.object({ why: personal("text", z.string()), findings: z.int() })),
  /** How many of them somebody has sent again before. */
  sentBefore: z.int(),
});
export type ReEmitKindReply = z.infer<typeof ReEmitKindReply>;

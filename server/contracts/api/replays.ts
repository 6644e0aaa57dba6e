import { z } from "zod";
import { personal } from "../personal.ts";
import { replayKinds, replayStatuses, runStatuses, verdicts } from "../vocabulary.ts";
import { ExportFormat, LetterFilter, Money } from "./dead-letters.ts";

/** Where replays go instead of where they came from. */
export const ReplayTarget = z.discriminatedUnion("kind", [
  /** To one of our workers straight, as its own retry would. */
  z.object({ kind: z.literal("worker"), worker: z.string().min(1).max(100) }),
  z.object({ kind: z.literal("queue"), queue: z.string().min(1).max(255) }),
  z.object({ kind: z.literal("exchange"), exchange: z.string().min(1).max(255), routingKey: z.string().max(255) }),
  z.object({ kind: z.literal("topic"), topic: z.string().min(1).max(249) }),
]);
export type ReplayTarget = z.infer<typeof ReplayTarget>;

/** As many ids as fit into one request's body. */
export const MAX_CHOSEN = 6_000;

/** Which letters an act is about: some by id, or all that a filter finds now (one order: `filter.orderId`). */
export const Selection = z.union([
  z.object({ letterIds: z.array(z.uuid()).min(1).max(MAX_CHOSEN) }),
  z.object({ filter: LetterFilter }),
]);
export type Selection = z.infer<typeof Selection>;

/** Exactly these letters, as a file. */
export const ExportRequest = z.object({ selection: Selection, format: ExportFormat.default("csv") });

const Rate = z.number().min(0.1).max(500);

/** A plan freezes the letters and says what a run would do. Nothing is sent. */
export const PlanRequest = z.object({
  selection: Selection,
  /** Left out = each letter goes where it came from. */
  target: ReplayTarget.optional(),
  ratePerSecond: Rate.default(50),
});
export type PlanRequest = z.infer<typeof PlanRequest>;

export const Plan = z.object({
  planId: z.uuid(),
  kind: z.enum(replayKinds),
  letters: z.int(),
  expiresAt: z.iso.datetime(),
  verdicts: z.array(z.object({ verdict: z.enum(verdicts), letters: z.int(), reason: personal("text", z.string()) })),
  /** Letters that a run leaves out unless forced: their verdict is not "safe". */
  leftOut: z.int(),
  /** Letters that can't be in any run: in another run already, quarantined, archived. One sentence each kind. */
  refused: z.array(z.object({ reason: personal("text", z.string()), letters: z.int() })),
  orders: z.int(),
  money: Money,
  targets: z.array(z.object({ target: z.string(), letters: z.int() })),
  headersRemoved: z.array(z.string()),
  headersAdded: z.array(z.string()),
  ratePerSecond: z.number(),
  /** At this rate, ms. */
  durationMs: z.int(),
});
export type Plan = z.infer<typeof Plan>;

/** Accepts a plan. */
export const RunRequest = z.object({
  planId: z.uuid(),
  /** The incident, for whoever reads the audit. */
  name: z.string().trim().min(1).max(200),
  reason: z.string().trim().max(2_000).optional(),
  /** null = as fast as the broker takes them. */
  ratePerSecond: Rate.nullable().default(50),
  /** Sizes of the first steps, e.g. [1, 5, 25]; each must go well before the next. Empty = all at once. */
  steps: z.array(z.int().min(1).max(10_000)).max(10).default([]),
  /** Stops by itself when more than this share of the settled ones failed again. null = never. */
  stopAbovePercent: z.number().min(0).max(100).nullable().default(20),
  /** Nothing leaves before, ms. */
  holdMs: z.int().min(0).max(600_000).default(10_000),
  /** Also the letters whose verdict is not "safe"; needs a reason. */
  force: z.boolean().default(false),
  /** Also quarantined letters; needs a reason. */
  overrideQuarantine: z.boolean().default(false),
});
export type RunRequest = z.infer<typeof RunRequest>;

/** Kinds of which there are none are left out. */
export const RunCounts = z.partialRecord(z.enum(replayStatuses), z.int());

export const Run = z.object({
  runId: z.uuid(),
  operationId: z.uuid(),
  name: personal("text", z.string()),
  kind: z.enum(replayKinds),
  status: z.enum(runStatuses),
  target: z.string().nullable(),
  reason: personal("text", z.string()).nullable(),
  stopReason: personal("text", z.string()).nullable(),
  ratePerSecond: z.number().nullable(),
  steps: z.array(z.int()),
  step: z.int(),
  stopAbovePercent: z.number().nullable(),
  letters: z.int(),
  counts: RunCounts,
  plannedBy: personal("email", z.string()),
  acceptedBy: personal("email", z.string()).nullable(),
  plannedAt: z.iso.datetime(),
  holdUntil: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** Letters sent in the last 10 s, or since it began, per second. */
  measuredRate: z.number(),
});
export type Run = z.infer<typeof Run>;
export const RunList = z.object({ runs: z.array(Run) });

/** What a run changed: read from the orders, not assumed. */
export const Receipt = z.object({
  /** What each order's status is now, counted. */
  orders: z.array(z.object({ status: z.string(), orders: z.int() })),
  recovered: Money,
  stillAtRisk: Money,
  /** Letters of the same groups that died during the run and are not of the run. */
  newFailures: z.int(),
});
export const RunDetail = z.object({
  run: Run,
  receipt: Receipt,
  verdicts: z.array(z.object({ verdict: z.enum(verdicts), letters: z.int() })),
  problems: z.array(
    z.object({
      replayId: z.uuid(),
      letterId: z.uuid(),
      status: z.enum(replayStatuses),
      detail: personal("text", z.string()).nullable(),
    }),
  ),
});
export type RunDetail = z.infer<typeof RunDetail>;

/** What became of one letter in a run. */
export const ReportLine = z.object({
  position: z.int(),
  letterId: z.uuid(),
  messageId: z.uuid().nullable(),
  messageType: z.string().nullable(),
  orderNumber: z.int().nullable(),
  orderStatus: z.string().nullable(),
  customerName: personal("name", z.string()).nullable(),
  totalCents: z.int().nullable(),
  currency: z.string().nullable(),
  error: personal("text", z.string()),
  verdict: z.enum(verdicts),
  verdictReason: personal("text", z.string()),
  outcome: z.enum(replayStatuses),
  detail: personal("text", z.string()).nullable(),
  target: z.string().nullable(),
  sentAt: z.iso.datetime().nullable(),
  settledAt: z.iso.datetime().nullable(),
});
export type ReportLine = z.infer<typeof ReportLine>;

/** JSON = what was asked, the receipt and every letter's outcome; CSV = the letters, a line each. */
export const ReportQuery = z.object({ format: ExportFormat.default("json") });

export const RunChange = z.discriminatedUnion("action", [
  z.object({ action: z.literal("pause") }),
  z.object({ action: z.literal("resume") }),
  z.object({ action: z.literal("cancel") }),
  /** The hold ends now. */
  z.object({ action: z.literal("start") }),
  z.object({ action: z.literal("rate"), ratePerSecond: Rate }),
]);
export type RunChange = z.infer<typeof RunChange>;

/** A corrected version of one letter; it leaves as one message, the original stays. */
export const EditRequest = z.object({
  /** The letter's version the editor started from: a change in between is told, not overwritten. */
  letterVersion: z.int(),
  body: z.string().max(200_000),
  headers: z.array(z.object({ name: z.string().min(1).max(255), value: z.string().max(4_096) })).max(100),
  reason: z.string().trim().min(3).max(2_000),
  /** Send although a domain check (amount, currency, SKU, customer) or the verdict speaks against it. */
  force: z.boolean().default(false),
});
export type EditRequest = z.infer<typeof EditRequest>;
export const EditReply = z.object({ runId: z.uuid(), number: z.int() });
export const EditCheck = z.object({
  problems: z.array(z.object({ path: z.string(), message: personal("text", z.string()), isFatal: z.boolean() })),
});
export type EditCheck = z.infer<typeof EditCheck>;

export const ArchiveRequest = z.object({ selection: Selection, reason: z.string().trim().min(3).max(2_000) });
export const ArchiveReply = z.object({ operationId: z.uuid(), letters: z.int() });

export const PurgeAsk = z.object({
  selection: Selection,
  /** The number of letters, typed by hand: it must be right. */
  typedCount: z.int().min(1),
  reason: z.string().trim().min(3).max(2_000),
});
export const Purge = z.object({
  purgeId: z.uuid(),
  letters: z.int(),
  reason: personal("text", z.string()),
  status: z.enum(["requested", "done", "refused", "expired"]),
  requestedBy: personal("email", z.string()),
  requestedAt: z.iso.datetime(),
  decidedBy: personal("email", z.string()).nullable(),
  expiresAt: z.iso.datetime(),
});
export const PurgeList = z.object({ purges: z.array(Purge) });
export const PurgeDecision = z.object({ decision: z.enum(["approve", "refuse"]), typedCount: z.int().optional() });

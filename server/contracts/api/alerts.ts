import { z } from "zod";
import { personal } from "../personal.ts";
import { alertStatuses } from "../vocabulary.ts";

export const AlertRow = z.object({
  id: z.uuid(),
  rule: z.string(),
  subject: z.string(),
  status: z.enum(alertStatuses),
  /** What is wrong, in one sentence with its number. */
  summary: personal("text", z.string()),
  /** The exact view. */
  href: z.string(),
  value: z.number().nullable(),
  since: z.iso.datetime(),
  firedAt: z.iso.datetime().nullable(),
  acknowledgedBy: personal("email", z.string()).nullable(),
  resolvedAt: z.iso.datetime().nullable(),
  isSilenced: z.boolean(),
});
export type AlertRow = z.infer<typeof AlertRow>;

export const RuleRow = z.object({
  id: z.string(),
  label: z.string(),
  /** What it watches, in one sentence with `threshold` and `forMs` filled in. */
  sentence: z.string(),
  isEnabled: z.boolean(),
  threshold: z.number().nullable(),
  unit: z.string().nullable(),
  forMs: z.int(),
});
export type RuleRow = z.infer<typeof RuleRow>;

export const ChannelRow = z.object({
  id: z.uuid(),
  kind: z.enum(["email", "webhook"]),
  address: personal("text", z.string()),
  isEnabled: z.boolean(),
  lastOutcome: personal("text", z.string()).nullable(),
  lastSentAt: z.iso.datetime().nullable(),
});
export const SilenceRow = z.object({
  id: z.uuid(),
  rule: z.string().nullable(),
  subject: z.string().nullable(),
  reason: personal("text", z.string()),
  createdBy: personal("email", z.string()),
  endsAt: z.iso.datetime(),
});

export const Alerts = z.object({
  alerts: z.array(AlertRow),
  rules: z.array(RuleRow),
  channels: z.array(ChannelRow),
  silences: z.array(SilenceRow),
  /** Somebody looks whether anything is wrong; else what is said of alerts may be old. */
  isWatched: z.boolean(),
});
export type Alerts = z.infer<typeof Alerts>;

export const RuleChange = z.object({
  isEnabled: z.boolean().optional(),
  threshold: z.number().min(0).optional(),
  forMs: z.int().min(0).max(86_400_000).optional(),
});
export const ChannelRequest = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("email"), address: z.email() }),
  z.object({ kind: z.literal("webhook"), address: z.url().max(2_000) }),
]);
export const SilenceRequest = z.object({
  rule: z.string().max(100).nullable(),
  subject: z.string().max(300).nullable(),
  reason: z.string().trim().min(3).max(500),
  forMs: z
    .int()
    .min(60_000)
    .max(7 * 24 * 3_600_000),
});

/** What came of a test: whether the channel took it, in words. */
export const ChannelTest = z.object({ isTold: z.boolean(), outcome: personal("text", z.string()) });

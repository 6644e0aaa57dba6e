import { z } from "zod";

/** The outside systems that a drill can break. */
export const drillSystems = ["payments", "shipping", "mail", "partner"] as const;
export type DrillSystem = (typeof drillSystems)[number];

/**
 * How a system misbehaves: `slow` answers late, `hang` never answers, `fail500` refuses, `429` has had too much, `down` cuts the
 * connection, `garbage` answers nonsense, `decline` says no; `fail_after_effect` and `timeout_after_effect` do their part and
 * do not say so.
 */
export const drillModes = [
  ...(["slow", "hang", "fail500", "429", "down", "garbage", "decline"] as const),
  ...(["fail_after_effect", "timeout_after_effect"] as const),
] as const;
export type DrillMode = (typeof drillModes)[number];

/** What each system can be told to do: a mail server knows no HTTP, and a partner has nothing to decline. */
export const drillModesOf: Readonly<Record<DrillSystem, readonly DrillMode[]>> = {
  payments: drillModes,
  shipping: drillModes,
  mail: ["slow", "hang", "fail500", "down"],
  partner: drillModes.filter((mode) => mode !== "decline"),
};

export const drillSystemLabels: Readonly<Record<DrillSystem, string>> = {
  payments: "Payment provider",
  shipping: "Carrier",
  mail: "Mail server",
  partner: "Partner",
};

export const drillModeLabels: Readonly<Record<DrillMode, string>> = {
  slow: "answers late",
  hang: "never answers",
  fail500: "refuses with an error",
  "429": "says it has had too much",
  down: "cuts the connection",
  garbage: "answers nonsense",
  decline: "declines",
  fail_after_effect: "does its part, then answers with an error",
  timeout_after_effect: "does its part and never answers",
};

/** What a drill does, as a clause: "Carrier answers late". */
export const drillLabel = (system: DrillSystem, mode: DrillMode): string =>
  `${drillSystemLabels[system]} ${drillModeLabels[mode]}`;

export const Drill = z.object({
  system: z.enum(drillSystems),
  /** Null = it works. */
  mode: z.enum(drillModes).nullable(),
  /** When it heals by itself. */
  until: z.iso.datetime().nullable(),
});
export type Drill = z.infer<typeof Drill>;

export const DrillList = z.object({ drills: z.array(Drill) });
export type DrillList = z.infer<typeof DrillList>;

const reason = z.string().trim().min(3).max(500);

export const DrillRequest = z.object({
  mode: z.enum(drillModes),
  /** A drill ends by itself, so that nobody forgets one. */
  minutes: z.int().min(1).max(60),
  reason,
});
export type DrillRequest = z.infer<typeof DrillRequest>;

export const DrillEnd = z.object({ reason });

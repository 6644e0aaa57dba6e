import type { Plan, RunRequest } from "#contracts/api/replays";
import { formatCount, formatDuration } from "../../_ui/format.ts";

/** What an operator may choose before a run starts. */
export type RunChoices = {
  name: string;
  reason: string;
  /** Letters per second; null while the field is empty. */
  ratePerSecond: number | null;
  hasSteps: boolean;
  stopAbovePercent: number | null;
  hasHold: boolean;
  force: boolean;
  overrideQuarantine: boolean;
};

/** The first steps of a careful run: each must go well before the next. */
export const STEPS = [1, 5, 25];
/** How long nothing leaves after the start, ms. */
export const HOLD_MS = 10_000;

export const initialChoices = (name: string, letters: number): RunChoices => ({
  name: name.slice(0, 200),
  reason: "",
  ratePerSecond: 50,
  hasSteps: letters > STEPS.length,
  stopAbovePercent: 20,
  hasHold: true,
  force: false,
  overrideQuarantine: false,
});

/** Letters that need an override, by the plan's own words. */
export const quarantinedIn = ({ refused }: Plan): number =>
  refused.reduce((sum, { reason, letters }) => (reason.startsWith("quarantined") ? sum + letters : sum), 0);

/** What would leave with these choices, in one sentence. Pure. */
export function prepareLeaving(plan: Plan, { force, overrideQuarantine }: RunChoices): string {
  const unsafe = force ? 0 : plan.leftOut;
  const quarantined = overrideQuarantine ? 0 : quarantinedIn(plan);
  // A letter may be both: with both kinds staying behind, only the bounds are known.
  const atMost = Math.max(0, plan.letters - Math.max(unsafe, quarantined));
  if (plan.letters === 0) return "Nothing can be sent.";
  if (atMost === 0) return "Nothing would leave: no letter is both safe and free of quarantine.";
  const stays = [unsafe > 0 && `${unsafe} not safe`, quarantined > 0 && `${quarantined} quarantined`].filter(Boolean);
  if (stays.length === 0)
    return plan.letters === 1 ? "The letter leaves." : `All ${plan.letters.toLocaleString("en-GB")} letters leave.`;
  const leaving = formatCount(atMost, "letter leaves", "letters leave");
  return `${stays.length > 1 ? "At most " : ""}${leaving}; left out: ${stays.join(", ")}.`;
}

/** How long it takes at a rate, in words. Pure. */
export function prepareDuration(letters: number, ratePerSecond: number | null): string {
  if (ratePerSecond === null || ratePerSecond <= 0) return "Choose a rate.";
  return `About ${formatDuration(Math.ceil((letters / ratePerSecond) * 1_000))} at ${ratePerSecond}/s.`;
}

/** What is missing before it can start; null = nothing. Pure. */
export function prepareMissing(plan: Plan, choices: RunChoices, now: number): string | null {
  if (Date.parse(plan.expiresAt) <= now) return "The plan has expired: plan again.";
  if (choices.name.trim() === "") return "Give the run a name.";
  if ((choices.force || choices.overrideQuarantine) && choices.reason.trim() === "")
    return "Say why: this run sends what is not safe or was quarantined.";
  if (choices.ratePerSecond === null || choices.ratePerSecond < 0.1 || choices.ratePerSecond > 500)
    return "Choose a rate from 0.1 to 500 letters per second.";
  return null;
}

/** The choices as the API takes them. Pure. */
export const toRunRequest = (plan: Plan, choices: RunChoices): RunRequest => ({
  planId: plan.planId,
  name: choices.name.trim(),
  ...(choices.reason.trim() !== "" && { reason: choices.reason.trim() }),
  ratePerSecond: choices.ratePerSecond,
  steps: choices.hasSteps ? STEPS : [],
  stopAbovePercent: choices.stopAbovePercent,
  holdMs: choices.hasHold ? HOLD_MS : 0,
  force: choices.force,
  overrideQuarantine: choices.overrideQuarantine,
});

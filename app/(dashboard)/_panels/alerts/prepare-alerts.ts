import { type AlertRow, ChannelRequest, RuleChange, type RuleRow } from "#contracts/api/alerts";

/** Nobody has taken these on: the number in the frame. Silenced ones are known to somebody. Pure. */
export const countFiring = (alerts: readonly AlertRow[]): number =>
  alerts.filter(({ status, isSilenced }) => status === "firing" && !isSilenced).length;

/** What is wrong now, and what was. Pure. */
export const splitAlerts = (alerts: readonly AlertRow[]) => ({
  open: alerts.filter(({ status }) => status !== "resolved"),
  over: alerts.filter(({ status }) => status === "resolved"),
});

type Sentence = { sentence: string; tone: "good" | "warn" | "bad" };

/** The page's first sentence: nothing is well while nobody looks. Pure. */
export function alertsSentence(alerts: readonly AlertRow[], isWatched: boolean): Sentence {
  const { sentence, tone } = whatIsOpen(alerts);
  if (isWatched) return { sentence, tone };
  return {
    sentence: `Nobody watches now: no alert begins or ends. At the last look: ${sentence}`,
    tone: tone === "good" ? "warn" : tone,
  };
}

function whatIsOpen(alerts: readonly AlertRow[]): Sentence {
  const { open } = splitAlerts(alerts);
  const firing = countFiring(alerts);
  const taken = open.filter(({ status }) => status === "acknowledged").length;
  const silenced = open.filter(({ status, isSilenced }) => status === "firing" && isSilenced).length;
  const rest = [taken > 0 && `${taken} acknowledged`, silenced > 0 && `${silenced} silenced`]
    .filter(Boolean)
    .join(", ");
  if (firing > 0)
    return {
      sentence: `${firing} ${firing === 1 ? "alert needs" : "alerts need"} somebody${rest && `, ${rest}`}.`,
      tone: "bad",
    };
  if (rest) return { sentence: `Nothing new: ${rest}.`, tone: "warn" };
  return { sentence: "No alert.", tone: "good" };
}

/** A rule as its form holds it; empty is not a number. */
export type RuleForm = { isEnabled: boolean; threshold: number | string; forSeconds: number | string };

export const toRuleForm = ({ isEnabled, threshold, forMs }: RuleRow): RuleForm => ({
  isEnabled,
  threshold: threshold ?? "",
  forSeconds: forMs / 1_000,
});

/** What the form asks for; null = nothing, or something that can't be. Pure. */
export function prepareRuleChange(rule: RuleRow, form: RuleForm) {
  const change = {
    ...(form.isEnabled !== rule.isEnabled && { isEnabled: form.isEnabled }),
    ...(rule.threshold !== null && form.threshold !== rule.threshold && { threshold: form.threshold }),
    ...(form.forSeconds !== rule.forMs / 1_000 && {
      forMs: form.forSeconds === "" ? null : Math.round(Number(form.forSeconds) * 1_000),
    }),
  };
  const parsed = RuleChange.safeParse(change);
  return parsed.success && Object.keys(change).length > 0 ? parsed.data : null;
}

/** A mail address or a URL, as it is written; null = neither. Pure. */
export function prepareChannel(address: string) {
  const text = address.trim();
  const parsed = ChannelRequest.safeParse({ kind: text.includes("://") ? "webhook" : "email", address: text });
  return parsed.success ? parsed.data : null;
}

/** How long somebody may be left alone. */
export const silenceSpans = [
  { value: String(30 * 60_000), label: "30 minutes" },
  { value: String(2 * 3_600_000), label: "2 hours" },
  { value: String(8 * 3_600_000), label: "8 hours" },
  { value: String(24 * 3_600_000), label: "A day" },
  { value: String(7 * 24 * 3_600_000), label: "A week" },
];

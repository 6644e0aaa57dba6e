import type { GroupList, GroupRow } from "#contracts/api/dead-letters";
import type { Tone } from "#contracts/vocabulary";
import { formatCount, formatDuration, formatMoneys } from "../../_ui/format.ts";

export type Health = { tone: Tone; sentence: string; more: string | null };

/** The one sentence on what waits: how much, what it is worth, how long. `now` in ms. Pure. */
export function prepareHealth({ groups, totals, inBrokers }: GroupList, now: number): Health {
  const more = prepareInBrokers(inBrokers.rabbitmq);
  const waiting = groups.filter(({ letters }) => letters > 0);
  if (totals.letters === 0)
    return {
      tone: "good",
      sentence: "No letter waits: every message was worked on, or its replay is on its way.",
      more,
    };
  const oldest = waiting.flatMap(({ oldestDiedAt }) => oldestDiedAt ?? []).toSorted()[0];
  const parts = [
    formatCount(waiting.length, "cause"),
    formatCount(totals.letters, "letter"),
    totals.money.length > 0 ? `${formatMoneys(totals.money)} waiting` : "no money at risk",
    ...(oldest ? [`oldest ${formatDuration(Math.max(0, now - Date.parse(oldest)))}`] : []),
  ];
  const tone = waiting.some(({ status }) => status === "open") ? "bad" : "warn";
  return { tone, sentence: `${parts.join(", ")}.`, more };
}

/** Letters that are dead but not collected yet; they are not part of any number on the page. Pure. */
export function prepareInBrokers(letters: number | null): string | null {
  if (letters === null) return "RabbitMQ can't be asked right now: there may be more than this.";
  return letters === 0
    ? null
    : `${formatCount(letters, "more letter is", "more letters are")} in RabbitMQ, not collected yet.`;
}

/** What died, in the fewest words that tell it apart. Pure. */
export const prepareCause = ({ errorClass, errorShape, consumer, messageType, frame }: GroupRow) => ({
  title: errorShape === "" ? errorClass : errorShape,
  line: [errorClass, `${consumer} on ${messageType}`, frame].filter(Boolean).join(" · "),
});

/** The last day for those who can't see the bars. Pure. */
export function prepareTrend(trend: readonly number[]): string {
  const total = trend.reduce((sum, deaths) => sum + deaths, 0);
  if (total === 0) return "No death in the last 24 hours";
  return `${formatCount(total, "death")} in the last 24 hours, ${trend.at(-1) ?? 0} in the last one`;
}

import type { GroupChange, GroupList, GroupRow } from "#contracts/api/dead-letters";
import type { LettersFrame } from "#contracts/api/letter-frames";
import { type GroupStatus, type Tone, unsettledStatuses } from "#contracts/vocabulary";
import { formatCount, formatDuration, formatMoneys } from "../../_ui/format.ts";

type Counts = LettersFrame["counts"] | undefined;
export type Health = {
  tone: Tone;
  sentence: string;
  more: string | null;
  /** Where to look next. */
  link?: { href: string; label: string };
};

/** Letters that wait for somebody, whatever was said of their causes; 0 while it is not known. Pure. */
export const countWaiting = (counts: Counts): number =>
  unsettledStatuses.reduce((sum, status) => sum + (counts?.[status] ?? 0), 0);

/** That no cause is left to look at does not mean that no letter waits: causes are ignored, or resolved by hand. Pure. */
export function prepareSetAside({ totals }: GroupList, counts: Counts): string | null {
  const letters = countWaiting(counts);
  return totals.letters > 0 || letters === 0
    ? null
    : `${formatCount(letters, "letter waits", "letters wait")} in causes that somebody set aside.`;
}

/** The one sentence on what waits: how much, what it is worth, how long. `now` in ms. Pure. */
export function prepareHealth(list: GroupList, counts: Counts, now: number): Health {
  const { groups, totals, inBrokers } = list;
  const more = prepareInBrokers(inBrokers.rabbitmq);
  const waiting = groups.filter(({ letters }) => letters > 0);
  const setAside = prepareSetAside(list, counts);
  if (setAside)
    return {
      tone: "warn",
      sentence: setAside,
      more,
      link: { href: "/dead-letters?causes=all", label: "Show all causes" },
    };
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

/** What was changed of a cause as it was when the change began; null = nothing. Pure. */
export function prepareChange(
  before: Pick<GroupRow, "status" | "owner" | "note">,
  { status, owner, note }: { status: GroupStatus; owner: string; note: string },
): GroupChange | null {
  const isOther = (text: string, old: string | null) => text.trim() !== (old ?? "").trim();
  const change: GroupChange = {
    ...(status !== before.status && { status }),
    ...(isOther(owner, before.owner) && { owner: owner.trim() || null }),
    ...(isOther(note, before.note) && { note: note.trim() || null }),
  };
  return Object.keys(change).length > 0 ? change : null;
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

import type { GroupView } from "#contracts/api/operations";
import { type GroupHealth, groupHealthLabels, type Tone } from "#contracts/vocabulary";
import { formatAge, formatEta, formatRate } from "../../_ui/figures.ts";
import { formatCount } from "../../_ui/format.ts";

export type GroupLine = {
  key: string;
  /** The worker's name, or the group's where it is not one of ours. */
  name: string;
  href: string;
  topic: string;
  /** What waits, in an operator's words; null for others' groups. */
  sentence: string | null;
  health: { label: string; tone: Tone };
  reason: string;
  lag: string;
  produce: string;
  consume: string;
  age: string;
  eta: string;
  members: number;
  pausedBy: string | null;
};

/** The worst first: what an operator must see is never below the fold. */
const urgency: Record<GroupHealth, number> = {
  stop: 0,
  stall: 1,
  rewind: 2,
  warn: 3,
  not_enough_data: 4,
  never_committed: 5,
  ok: 6,
};

/** Groups as lines, the worst first, ours apart from everybody else's. Pure. */
export function prepareConsumers(groups: readonly GroupView[]): { ours: GroupLine[]; others: GroupLine[] } {
  const sorted = groups.toSorted(
    (a, b) => urgency[a.health] - urgency[b.health] || b.lag - a.lag || nameOf(a).localeCompare(nameOf(b)),
  );
  return {
    ours: sorted.filter(({ worker }) => worker !== null).map(prepareGroup),
    others: sorted.filter(({ worker }) => worker === null).map(prepareGroup),
  };
}

/** One group on one topic. Pure. */
export function prepareGroup(group: GroupView): GroupLine {
  const waiting = lagOf(group);
  return {
    key: `${group.group} ${group.topic}`,
    name: nameOf(group),
    href: groupHref(group.group),
    topic: group.topic,
    sentence: group.inWords,
    health: prepareHealth(group),
    reason: group.pausedBy === null ? group.reason : `Paused by ${group.pausedBy}. ${group.reason}`,
    lag: waiting === null ? "not counted" : waiting.toLocaleString("en-GB"),
    produce: formatRate(group.producePerSecond),
    consume: formatRate(group.consumePerSecond),
    age: formatAge(group.timeLagMs, waiting),
    eta: formatEta({ ...group, waiting }),
    members: group.members,
    pausedBy: group.pausedBy,
  };
}

/** The one sentence on all consumers; the worst of ours speaks first. Pure. */
export function prepareSentence(groups: readonly GroupView[]): { tone: Tone; sentence: string } {
  const ours = groups.filter(({ worker }) => worker !== null);
  if (ours.length === 0) return { tone: "neutral", sentence: "None of our workers has been seen in Kafka yet." };
  const troubled = ours
    .filter(({ health, pausedBy }) => pausedBy !== null || isTrouble(health))
    .toSorted((a, b) => urgency[a.health] - urgency[b.health] || b.lag - a.lag);
  const [worst] = troubled;
  if (!worst) {
    const waiting = ours.reduce((sum, { lag }) => sum + lag, 0);
    const rest = waiting === 0 ? "nothing waits" : `${formatCount(waiting, "record")} on the way`;
    return {
      tone: "good",
      sentence: `${formatCount(ours.length, "consumer keeps up", "consumers keep up")}: ${rest}.`,
    };
  }
  const more = troubled.length > 1 ? ` ${formatCount(troubled.length - 1, "more needs", "more need")} a look.` : "";
  const { label, tone } = prepareHealth(worst);
  return { tone, sentence: `${nameOf(worst)}: ${label.toLowerCase()}. ${worst.inWords ?? worst.reason}${more}` };
}

export const groupHref = (group: string): string => `/consumers/${encodeURIComponent(group)}`;

/** A worker that somebody has paused is not broken: it says so instead of "stopped". */
const prepareHealth = ({ health, pausedBy }: GroupView) =>
  pausedBy === null ? groupHealthLabels[health] : { label: "Paused", tone: "warn" as const };
const isTrouble = (health: GroupHealth) => urgency[health] < urgency.not_enough_data;
const nameOf = ({ worker, group }: GroupView) => worker ?? group;
/** What was never read has no lag that means anything; null = not counted. */
const lagOf = ({ partitions, lag }: GroupView) =>
  partitions.length > 0 && partitions.every((place) => place.lag === null) ? null : lag;

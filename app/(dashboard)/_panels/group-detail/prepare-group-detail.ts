import type { z } from "zod";
import type { GroupHistory, GroupView, PartitionPlace } from "#contracts/api/operations";
import { waitingStatuses } from "#contracts/process-map";
import { groupHealthLabels, type Tone } from "#contracts/vocabulary";
import { formatAge, formatDigits, formatEta, formatRate } from "../../_ui/figures.ts";
import { formatDuration } from "../../_ui/format.ts";

export type PlaceLine = {
  partition: number;
  committed: string;
  end: string;
  lag: string;
  health: { label: string; tone: Tone };
  reason: string;
  produce: string;
  consume: string;
  age: string;
  eta: string;
  member: string;
  /** Opens the topic at the first unread record. */
  href: string;
};

/** The list of the orders that wait for this worker; null = it holds up none. Pure. */
export const waitingHref = ({ worker, waiting }: GroupView): string | null =>
  worker !== null && waiting !== null && waiting.orders > 0 ? `/orders?status=${waitingStatuses[worker]}` : null;

/** The partitions of a group as lines, in their order. Pure. */
export const preparePlaces = ({ topic, partitions }: GroupView): PlaceLine[] =>
  partitions.toSorted((a, b) => a.partition - b.partition).map((place) => preparePlace(topic, place));

function preparePlace(topic: string, place: PartitionPlace): PlaceLine {
  const { partition, committed, end, lag, timeLagMs, timeLagIs } = place;
  const age = formatAge(timeLagMs, lag);
  const from = committed === null ? "from=oldest" : `from=offset&offset=${committed}`;
  return {
    partition,
    committed: committed === null ? "never" : formatDigits(committed),
    end: formatDigits(end),
    lag: lag === null ? "not counted" : lag.toLocaleString("en-GB"),
    health: groupHealthLabels[place.health],
    reason: place.reason,
    produce: formatRate(place.producePerSecond),
    consume: formatRate(place.consumePerSecond),
    age: timeLagMs !== null && timeLagIs === "estimated" ? `${age}, estimated` : age,
    eta: formatEta({ waiting: lag, etaMs: place.etaMs, isGrowing: isGrowing(place) }),
    member: place.member ?? "nobody",
    href: `/topics/${encodeURIComponent(topic)}?partition=${partition}&${from}`,
  };
}

/** More comes in than goes out. */
const isGrowing = ({ producePerSecond, consumePerSecond, etaMs }: PartitionPlace) =>
  etaMs === null && producePerSecond !== null && consumePerSecond !== null && producePerSecond > consumePerSecond;

type History = z.infer<typeof GroupHistory>;

/** The lag over time, and the same in a sentence. Pure. */
export function prepareHistory({ points }: History) {
  const drawn = points.map(({ at, lag }) => ({ t: Date.parse(at), lag }));
  const [first] = drawn;
  const last = drawn.at(-1);
  if (!first || !last) return { points: drawn, from: 0, to: 0, sentence: "Nothing was sampled of this group yet." };
  const highest = drawn.reduce((max, { lag }) => Math.max(max, lag), 0);
  const span = formatDuration(last.t - first.t);
  const sentence = `In the last ${span} the lag was ${highest.toLocaleString("en-GB")} at most; it is ${last.lag.toLocaleString("en-GB")} now.`;
  return { points: drawn, from: first.t, to: last.t, sentence };
}

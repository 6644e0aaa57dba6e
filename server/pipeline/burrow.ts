import type { GroupHealth } from "#contracts/vocabulary";

/** One look at a group's place in a partition. */
export type Reading = {
  /** Unix time, ms. */
  atMs: number;
  /** The offset it continues at; -1 = never committed. */
  committed: bigint;
  /** One past the last record that can be read. */
  end: bigint;
  /** First record that the broker still has; 0 where nobody looked. */
  start?: bigint;
};

export type Verdict = { health: GroupHealth; reason: string };

export type Judging = {
  /** Only readings of the last so many ms count. */
  windowMs: number;
  /** A window that holds less is not judged: readings, and ms from the first to the last. */
  least: { readings: number; spanMs: number };
};

/** 60 s of readings; they come every 2 to 10 s. */
export const judging: Judging = { windowMs: 60_000, least: { readings: 5, spanMs: 20_000 } };

/** Two readings closer together say nothing of a rate, ms. */
const RATE_SPAN_MS = 900;
/** Lag is compared between so many points of the window: single batches must not look like progress. */
const POINTS = 10;

/** Records not read yet, never negative; null = it never committed although there is something to read. */
export function lagOf({ committed, end, start = 0n }: Reading): number | null {
  if (committed < 0n) return end > start ? null : 0;
  const from = committed > start ? committed : start;
  return end > from ? Number(end - from) : 0;
}

/**
 * Readings of one life of the partition within the window. An end that goes back is another topic of the same name, and
 * what was read before says nothing about it.
 */
export function windowOf(readings: readonly Reading[], { windowMs }: Judging = judging): Reading[] {
  const last = readings.at(-1);
  if (!last) return [];
  let from = 0;
  for (let index = 0; index < readings.length; index += 1) {
    const isOld = readings[index]!.atMs < last.atMs - windowMs;
    const isOtherLife = index > 0 && readings[index]!.end < readings[index - 1]!.end;
    if (isOtherLife) from = index;
    else if (isOld) from = index + 1;
  }
  return readings.slice(from);
}

/**
 * Burrow's rules: caught up is fine whatever was before; then nobody commits any more (stop), it went back (rewind), it
 * stands (stall), it falls behind (warn), in this order. The first that holds gives the reason.
 * @param readings oldest first; the last one is now.
 * @param member who owns the partition; null = nobody.
 */
export function judge(readings: readonly Reading[], member: string | null, options: Judging = judging): Verdict {
  const window = windowOf(readings, options);
  const last = window.at(-1);
  if (!last) return { health: "not_enough_data", reason: "Nothing was observed yet." };
  const lag = lagOf(last);
  if (lag === null) return { health: "never_committed", reason: neverCommitted(last) };
  if (lag === 0) return { health: "ok", reason: caughtUp(last) };
  const spanMs = last.atMs - window[0]!.atMs;
  if (window.length < options.least.readings || spanMs < options.least.spanMs)
    return {
      health: "not_enough_data",
      reason: `Lag ${count(lag)}; ${window.length} readings over ${inWords(spanMs)} are too few to judge, ${options.least.readings} over ${inWords(options.least.spanMs)} are needed.`,
    };
  return findStop(window, lag, member) ?? findRewind(window, lag) ?? findStall(window, lag) ?? findWarn(window, lag);
}

const neverCommitted = ({ end, start = 0n }: Reading) =>
  `No offset was ever committed; ${count(end - start)} records are there.`;

function caughtUp({ committed, end }: Reading): string {
  if (committed < 0n) return "Nothing to read.";
  if (committed > end) return `Caught up: the offset ${committed} lies past the end ${end}, the topic was made anew.`;
  return `Caught up at offset ${end}.`;
}

/** Standing longer than it moved before, unless it had read everything at some time in the window. */
function findStop(window: readonly Reading[], lag: number, member: string | null): Verdict | null {
  const last = window.at(-1)!;
  if (window.some(({ end }) => end <= last.committed)) return null;
  const moves = movesOf(window);
  const since = moves.at(-1) ?? window[0]!.atMs;
  const standingMs = last.atMs - since;
  if (moves.length === 0) {
    if (member !== null) return null;
    return {
      health: "stop",
      reason: `Nobody reads it: no commit for at least ${inWords(standingMs)} at offset ${last.committed}, lag ${count(lag)}.`,
    };
  }
  const movingMs = since - window[0]!.atMs;
  if (standingMs <= movingMs) return null;
  return {
    health: "stop",
    reason: `The last commit was ${inWords(standingMs)} ago at offset ${last.committed}, after ${inWords(movingMs)} with commits${member === null ? ", and nobody reads it" : ""}; lag ${count(lag)}.`,
  };
}

function findRewind(window: readonly Reading[], lag: number): Verdict | null {
  const committed = window.at(-1)!.committed;
  let highest = -1n;
  for (const one of window) if (one.committed > highest) highest = one.committed;
  if (committed >= highest || !window.some((one, at) => at > 0 && one.committed < window[at - 1]!.committed))
    return null;
  return {
    health: "rewind",
    reason: `The offset went back from ${highest} and is at ${committed}, ${count(highest - committed)} records before; lag ${count(lag)}.`,
  };
}

function findStall(window: readonly Reading[], lag: number): Verdict | null {
  if (!neverZero(window) || movesOf(window).length > 0) return null;
  const [first, last] = [window[0]!, window.at(-1)!];
  return {
    health: "stall",
    reason: `Somebody reads it, but the offset has stood at ${last.committed} for ${inWords(last.atMs - first.atMs)} with lag ${count(lag)}.`,
  };
}

function findWarn(window: readonly Reading[], lag: number): Verdict {
  const [first, last] = [window[0]!, window.at(-1)!];
  const span = inWords(last.atMs - first.atMs);
  const lags = pointsOf(window).map((one) => lagOf(one) ?? 0);
  if (neverZero(window) && lags.every((one, at) => at === 0 || one >= lags[at - 1]!))
    return {
      health: "warn",
      reason: `Lag never fell in ${span}: from ${count(lags[0]!)} to ${count(lag)}.`,
    };
  return neverZero(window)
    ? { health: "ok", reason: `Lag ${count(lag)}, it fell within the last ${span}.` }
    : { health: "ok", reason: `Lag ${count(lag)}, it was caught up within the last ${span}.` };
}

const neverZero = (window: readonly Reading[]) => window.every((one) => (lagOf(one) ?? 1) > 0);

/** When the offset was seen to have moved, either way. */
const movesOf = (window: readonly Reading[]): number[] =>
  window.filter((one, at) => at > 0 && one.committed !== window[at - 1]!.committed).map(({ atMs }) => atMs);

function pointsOf(window: readonly Reading[]): Reading[] {
  const count = Math.min(POINTS, window.length);
  return Array.from({ length: count }, (_, at) => window[Math.round((at * (window.length - 1)) / (count - 1 || 1))]!);
}

/** Records per second that came and that were read; null = too short a time was observed. */
export function ratesOf(
  readings: readonly Reading[],
  options: Judging = judging,
): { produce: number | null; consume: number | null } {
  const window = windowOf(readings, options);
  const last = window.at(-1);
  if (!last || last.atMs - window[0]!.atMs < RATE_SPAN_MS) return { produce: null, consume: null };
  // After a step back only what was read since counts.
  const back = window.findLastIndex((one, at) => at > 0 && one.committed < window[at - 1]!.committed);
  const first = window.slice(Math.max(back, 0)).find(({ committed }) => committed >= 0n);
  const perSecond = (from: Reading, many: bigint) => {
    const seconds = (last.atMs - from.atMs) / 1_000;
    return seconds * 1_000 < RATE_SPAN_MS ? null : Number(many > 0n ? many : 0n) / seconds;
  };
  return {
    produce: perSecond(window[0]!, last.end - window[0]!.end),
    consume: first ? perSecond(first, last.committed - first.committed) : null,
  };
}

export type Forecast = {
  /** Until everything is read at the present rates, ms; null = there is no end in sight, or too little is known. */
  etaMs: number | null;
  /** Lag that does not shrink. */
  isGrowing: boolean;
};

/** A reader that stood for longer than this, ms, was stopped, and is judged by its pace since it reads again. */
const STOOD_MS = 10_000;

/**
 * Without the time in which it stood although something waited. A reader that commits at long intervals did not stand:
 * it stood if that took longer than two of its intervals since.
 */
function sinceItReads(window: readonly Reading[]): readonly Reading[] {
  const moves = window.flatMap((one, at) => (at > 0 && one.committed !== window[at - 1]!.committed ? [at] : []));
  const [first] = moves;
  if (first === undefined) return window;
  const intervals = moves.map((at, index) => window[moves[index + 1] ?? window.length - 1]!.atMs - window[at]!.atMs);
  const stoodMs = window[first]!.atMs - window[0]!.atMs;
  const hadStopped = stoodMs > STOOD_MS && stoodMs > 2 * Math.max(...intervals);
  if (!hadStopped || !neverZero(window.slice(0, first))) return window;
  return window.slice(moves.length > 1 ? first : first - 1);
}

/** When a partition is drained. A lag that was nil within the window is work in hand, not growth. */
export function forecast(readings: readonly Reading[], options: Judging = judging): Forecast {
  const window = windowOf(readings, options);
  const last = window.at(-1);
  const lag = last ? lagOf(last) : null;
  if (!last || lag === null) return { etaMs: null, isGrowing: false };
  if (lag === 0) return { etaMs: 0, isGrowing: false };
  const { produce, consume } = ratesOf(sinceItReads(window), options);
  if (produce === null || consume === null) return { etaMs: null, isGrowing: false };
  const net = consume - produce;
  if (net > 0) return { etaMs: Math.round((lag / net) * 1_000), isGrowing: false };
  if (neverZero(window)) return { etaMs: null, isGrowing: true };
  return { etaMs: consume > 0 ? Math.round((lag / consume) * 1_000) : null, isGrowing: false };
}

/** A group is drained when its slowest partition is. */
export function slowest(forecasts: readonly Forecast[]): Forecast {
  const isGrowing = forecasts.some((one) => one.isGrowing);
  if (isGrowing || forecasts.some(({ etaMs }) => etaMs === null)) return { etaMs: null, isGrowing };
  return { etaMs: Math.max(0, ...forecasts.map(({ etaMs }) => etaMs!)), isGrowing };
}

const severity: readonly GroupHealth[] = [
  "ok",
  "not_enough_data",
  "never_committed",
  "warn",
  "rewind",
  "stall",
  "stop",
];
/** The worst verdict, the first of several; nothing observed is not enough data. */
export function worst<One extends Verdict>(verdicts: readonly One[]): One | Verdict {
  return (
    verdicts.reduce<One | Verdict | null>(
      (most, one) => (most && severity.indexOf(most.health) >= severity.indexOf(one.health) ? most : one),
      null,
    ) ?? { health: "not_enough_data", reason: "Nothing was observed yet." }
  );
}

const count = (many: number | bigint) => many.toLocaleString("en-GB");

/** A time as a person says it: `40 s`, `6 min`, `3 h`. */
export function inWords(ms: number): string {
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

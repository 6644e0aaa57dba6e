import type { Consumers, GroupView, PartitionPlace } from "#contracts/api/operations";
import { groupReaders, waitingStatuses } from "#contracts/process-map";
import { type Forecast, forecast, inWords, judge, lagOf, type Reading, ratesOf, slowest, worst } from "./burrow.ts";
import { count, moneyInWords, outlook, sentence } from "./in-words.ts";
import type { GroupNow } from "./observe-sample.ts";
import { type Observed, readObserved, type Waiting, windowKey } from "./read-observed.ts";

/** What orders wait for at a worker, by its name; the others keep the views and the mails up to date. */
const steps: Readonly<Record<string, string>> = {
  "charge-payment": "payment",
  "reserve-stock": "stock",
  "create-shipment": "shipping",
};
const chores: Readonly<Record<string, string>> = {
  "order-saga": "to be checked by the saga",
  "dispatch-tasks": "to be told to mails, documents and partners",
  "project-orders": "to be shown in the lists",
  "collect-dead-letters": "to be collected into the store",
};

export async function readConsumers(): Promise<Consumers> {
  return showConsumers(await readObserved());
}

/** In a cluster of more groups than this, others' groups at rest are shown without their partitions: a frame stays small. */
const CROWD = 100;

/** Every group of the cluster, ours first, with the meaning of what it lags behind. Pure. */
export function showConsumers(observed: Observed): Consumers {
  const isCrowded = observed.groups.length > CROWD;
  const groups = observed.groups.map((group) => {
    const shown = showGroup(group, observed);
    const isAtRest = shown.worker === null && shown.lag === 0 && shown.health === "ok";
    return isCrowded && isAtRest ? { ...shown, partitions: [] } : shown;
  });
  if (observed.known.kafka.isUp && observed.groups.length > 0) groups.push(...absentWorkers(groups, observed));
  const place = ({ worker }: GroupView) => {
    const index = groupReaders.findIndex((reader) => reader.worker === worker);
    return index < 0 ? groupReaders.length : index;
  };
  groups.sort((one, other) => place(one) - place(other) || (one.group < other.group ? -1 : 1));
  return { at: observed.at.toISOString(), known: observed.known, groups };
}

function showGroup(now: GroupNow, observed: Observed): GroupView {
  const { group, topic, state, members } = now;
  const atMs = observed.at.getTime();
  const worker = workerOf(group, observed.prefix);
  const read = observed.windows.get(windowKey(now)) ?? [];
  const windows = worker === null ? read : read.map(fromBeginning);
  const pausedBy = worker === null ? null : (observed.pauses.get(worker) ?? null);
  // Nobody reads: the pace it had a while ago promises no end.
  const isRead = members > 0 && pausedBy === null;
  const partitions = windows.map((window, partition) => showPartition(now, partition, window, atMs, isRead));
  const { health, reason } = worst(
    partitions.map(({ partition, health, reason }) => ({ health, reason: `Partition ${partition}: ${reason}` })),
  );
  const { etaMs, isGrowing } = slowest(windows.map((window) => forecastFor(window, isRead)));
  const lags = partitions.map(({ lag }) => lag ?? 0);
  const lag = lags.reduce((sum, one) => sum + one, 0);
  const timeLags = partitions.flatMap(({ timeLagMs }) => timeLagMs ?? []);
  const view = {
    ...{ group, topic, worker, state, members, lag, health },
    reason: health === "ok" && lag === 0 ? "Caught up on every partition." : reason,
    producePerSecond: total(partitions.map((one) => one.producePerSecond)),
    consumePerSecond: total(partitions.map((one) => one.consumePerSecond)),
    timeLagMs: timeLags.length > 0 ? Math.max(...timeLags) : lag === 0 ? 0 : null,
    ...{ etaMs, isGrowing, partitions, pausedBy },
  };
  const waiting = worker === null ? null : waitingFor(worker, observed);
  return {
    ...view,
    inWords: worker === null ? null : wordsFor(view as GroupView, waiting, observed),
    waiting: shown(waiting, atMs),
  };
}

const ABSENT = "Kafka knows no group of this name: the worker never committed, and no process of it runs.";

/**
 * Our workers that Kafka does not know: a group that never committed goes with its last member. All of its topic waits
 * for it; how much that is, another group of the topic tells.
 */
function absentWorkers(groups: readonly GroupView[], observed: Observed): GroupView[] {
  const present = new Set(groups.map(({ worker }) => worker));
  return groupReaders
    .filter(({ worker }) => !present.has(worker))
    .map(({ worker, topic }) => {
      const own = { group: observed.prefix + worker, topic: observed.prefix + topic, state: "Absent", members: 0 };
      const other = observed.groups.find((one) => one.topic === own.topic);
      const nowhere = other?.ends.map(() => "-1") ?? [];
      const nobody = nowhere.map(() => null);
      const places = { committed: nowhere, starts: other?.starts ?? [], ends: other?.ends ?? [] };
      const windows = (other && observed.windows.get(windowKey(other))) ?? [];
      const unread = windows.map((window) => window.map((one) => ({ ...one, committed: -1n })));
      const shown = showGroup(
        { ...own, ...places, owners: nobody, firstUnreadMs: nobody },
        { ...observed, windows: new Map([[windowKey(own), unread]]) },
      );
      // When its first record was written nobody has looked; the orders tell.
      const timeLagMs = shown.waiting?.oldestMs ?? shown.timeLagMs;
      return { ...shown, timeLagMs, health: "stop" as const, reason: ABSENT };
    });
}

export const workerOf = (group: string, prefix: string): string | null =>
  groupReaders.find(({ worker }) => prefix + worker === group)?.worker ?? null;

/** Our workers begin at a partition's first record: what lies where they never committed waits for them all the same. */
const fromBeginning = (window: readonly Reading[]): Reading[] =>
  window.map((one) => (one.committed < 0n ? { ...one, committed: one.start ?? 0n } : one));

function forecastFor(window: readonly Reading[], isRead: boolean): Forecast {
  const { etaMs, isGrowing } = forecast(window);
  return { etaMs: isRead || etaMs === 0 ? etaMs : null, isGrowing };
}

function showPartition(
  now: GroupNow,
  partition: number,
  window: readonly Reading[],
  atMs: number,
  isRead: boolean,
): PartitionPlace {
  const last = window.at(-1)!;
  const member = now.owners[partition] ?? null;
  const lag = lagOf(last);
  const { produce, consume } = ratesOf(window);
  return {
    partition,
    committed: BigInt(now.committed[partition]!) < 0n ? null : String(last.committed),
    end: String(last.end),
    lag,
    member,
    producePerSecond: produce,
    consumePerSecond: consume,
    ...judge(window, member),
    etaMs: forecastFor(window, isRead).etaMs,
    ...timeLag(now.firstUnreadMs[partition] ?? null, lag, window, atMs),
  };
}

/** Exact by the first unread record; otherwise from when the end passed the committed offset, as far as that was seen. */
function timeLag(
  firstUnreadMs: number | null,
  lag: number | null,
  window: readonly Reading[],
  atMs: number,
): Pick<PartitionPlace, "timeLagMs" | "timeLagIs"> {
  if (lag === null) return { timeLagMs: null, timeLagIs: null };
  if (lag === 0) return { timeLagMs: 0, timeLagIs: "exact" };
  if (firstUnreadMs !== null) return { timeLagMs: Math.max(0, Math.round(atMs - firstUnreadMs)), timeLagIs: "exact" };
  return { timeLagMs: Math.max(0, Math.round(atMs - firstUnreadAtMs(window))), timeLagIs: "estimated" };
}

/**
 * When the end passed the committed offset, taken as even between two readings; before the first reading, as long ago as
 * so many records take to come at the present rate.
 */
function firstUnreadAtMs(window: readonly Reading[]): number {
  const { committed } = window.at(-1)!;
  const index = window.findIndex(({ end }) => end > committed);
  const [before, after] = [window[index - 1], window[index] ?? window.at(-1)!];
  if (before) {
    const share = Number(committed + 1n - before.end) / Number(after.end - before.end);
    return before.atMs + (after.atMs - before.atMs) * share;
  }
  const { produce } = ratesOf(window);
  return produce ? after.atMs - (Number(after.end - committed) / produce) * 1_000 : after.atMs;
}

const total = (rates: readonly (number | null)[]): number | null => {
  const known = rates.filter((rate) => rate !== null);
  return known.length > 0 ? known.reduce((sum, rate) => sum + rate, 0) : null;
};

export function waitingFor(worker: string, observed: Observed): Waiting | null {
  const status = waitingStatuses[worker];
  return status ? (observed.waiting.get(status) ?? { orders: 0, money: [], oldestAt: observed.at }) : null;
}

const shown = (waiting: Waiting | null, atMs: number): GroupView["waiting"] =>
  waiting && {
    orders: waiting.orders,
    money: waiting.money,
    oldestMs: waiting.orders > 0 ? Math.max(0, atMs - waiting.oldestAt.getTime()) : null,
  };

/** "37 paid orders wait for stock, 4,210.00 EUR, oldest 6 min, drained in about 2 min." */
function wordsFor(view: GroupView, waiting: Waiting | null, { at }: Observed): string {
  const paused = view.pausedBy !== null && `paused by ${view.pausedBy}`;
  const step = steps[view.worker!];
  if (waiting && step) {
    if (waiting.orders === 0) return sentence(`No order waits for ${step}`, paused);
    return sentence(
      `${count(waiting.orders, `${waitingStatuses[view.worker!]} order`)} ${waiting.orders === 1 ? "waits" : "wait"} for ${step}`,
      waiting.money.length > 0 && moneyInWords(waiting.money),
      `oldest ${inWords(Math.max(0, at.getTime() - waiting.oldestAt.getTime()))}`,
      view.lag > 0 && outlook(view),
      paused,
    );
  }
  if (view.lag === 0) return sentence("Nothing waits", paused);
  return sentence(
    `${count(view.lag, "event")} ${view.lag === 1 ? "waits" : "wait"} ${chores[view.worker!] ?? "to be read"}`,
    view.timeLagMs !== null && `oldest ${inWords(view.timeLagMs)}`,
    outlook(view),
    paused,
  );
}

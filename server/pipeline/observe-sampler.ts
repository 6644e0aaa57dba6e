import type { Known } from "#contracts/api/operations";
import { groupReaders } from "#contracts/process-map";
import type { KafkaObservation, KafkaObserver } from "#server/messaging/kafka-observe";
import { leading } from "#server/messaging/leading";
import type { RabbitObservation, RabbitObserver } from "#server/messaging/rabbit-observe";
import { contractTopology, planQueues } from "#server/messaging/topology-plan";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { listen } from "#server/platform/listen";
import application from "../../package.json" with { type: "json" };
import { WATCHED_CHANNEL } from "./observe-channels.ts";
import { type QueueFigures, queueMemory } from "./observe-queues.ts";
import {
  cleanSamples,
  type Figures,
  type GroupNow,
  noteDeploy,
  readCounters,
  readLatest,
  readLatestQueues,
  storeSample,
  toNow,
} from "./observe-sample.ts";

/** Whoever looked so long ago looks no more. */
const WATCH_LASTS_MS = 12_000;

const OBSERVER_LOCK = 7_042_003;
const CLEAN_MS = 60_000;
/** A broker that has not answered by then is away for this sample; it may still answer for the next. */
const PATIENCE_MS = 4_000;
/** A foreign group that rests is stored so often, ms. */
const RESTING_MS = 60_000;

export type Pace = { watchedMs: number; unwatchedMs: number };

/**
 * The one sampler of all processes: looks at both brokers every 2 s while somebody looks, else every 10 s, and stores
 * what it saw. Either broker may be away: its part is then unknown, with the moment since when. While PostgreSQL is away it
 * stands by.
 */
export function startSampler(
  brokers: { kafka: KafkaObserver; rabbit: RabbitObserver },
  pace: Pace = { watchedMs: 2_000, unwatchedMs: 10_000 },
): { stop(): Promise<void> } {
  const watch = watchers();
  const kafka = patiently(() => brokers.kafka.observe());
  const rabbit = patiently(() => brokers.rabbit.observe());
  const sampler = leading(OBSERVER_LOCK, "observer", async (stopping) => {
    const [latest, latestQueues] = await Promise.all([readLatest(), readLatestQueues()]);
    const memory: Memory = {
      figures: latest?.figures ?? null,
      queues: queueMemory(latestQueues?.queues),
      stored: new Map(),
    };
    await noteDeploy(application.version);
    let cleanedMs = performance.now() - CLEAN_MS;
    while (!stopping.aborted) {
      const startedMs = performance.now();
      await sample(await Promise.all([kafka(), rabbit()]), memory);
      if (startedMs - cleanedMs >= CLEAN_MS) {
        cleanedMs = startedMs;
        await cleanSamples();
      }
      const every = () => (watch.isWatched() ? pace.watchedMs : pace.unwatchedMs);
      // Somebody who comes to look does not wait for the slow pace.
      while (!stopping.aborted && performance.now() - startedMs < every())
        await Promise.race([stopping.pause(Math.max(1, every() - (performance.now() - startedMs))), watch.changed()]);
    }
  });
  return {
    async stop() {
      await sampler.stop();
      await watch.stop();
    },
  };
}

type Seen<Observation> = { observation: Observation } | { fault: string };
type Memory = {
  figures: Figures | null;
  queues: ReturnType<typeof queueMemory>;
  /** What was stored of resting foreign groups, and when. */
  stored: Map<string, { text: string; atMs: number }>;
};

async function sample(
  [kafka, rabbit]: [Seen<KafkaObservation>, Seen<RabbitObservation>],
  memory: Memory,
): Promise<void> {
  const at = new Date();
  const groups = "observation" in kafka ? kafka.observation.groups.map(toNow) : null;
  const queues = "observation" in rabbit ? memory.queues.add(rabbit.observation.atMs, rabbit.observation.queues) : null;
  const before = memory.figures;
  const figures: Figures = {
    known: {
      kafka: standing(kafka, before?.known.kafka, at),
      rabbitmq: standing(rabbit, before?.known.rabbitmq, at),
      queueSource: "observation" in rabbit ? rabbit.observation.source : "none",
    },
    lag: groups && lagOfOurs(groups),
    depth: queues && depthOfOurs(queues),
    ...(await readCounters(before?.outboxId ?? null)),
    now: groups ? { groups } : before?.now,
  };
  await storeSample(db, { at, figures, groups: groups ? worthStoring(groups, memory, at.getTime()) : [], queues });
  memory.figures = figures;
}

type Standing = Known["kafka"];

/** Up since, or away since and why. */
function standing(seen: Seen<unknown>, before: Standing | undefined, at: Date): Standing {
  const isUp = "observation" in seen;
  const since = before?.isUp === isUp && before.since ? before.since : at.toISOString();
  return { isUp, since, reason: isUp ? null : seen.fault };
}

/** Our consumer groups, by their names in the cluster. */
export const ourGroups = (): ReadonlySet<string> =>
  new Set(groupReaders.map(({ worker }) => env().TOPIC_PREFIX + worker));

/** Where it never committed, only ours are known to begin at the first record. */
const lagOf = ({ committed, starts, ends }: GroupNow, isOurs: boolean) =>
  ends.reduce((sum, end, at) => {
    const [from, start] = [BigInt(committed[at]!), BigInt(starts[at]!)];
    if (from < 0n && !isOurs) return sum;
    const unread = BigInt(end) - (from > start ? from : start);
    return sum + (unread > 0n ? Number(unread) : 0);
  }, 0);

function lagOfOurs(groups: readonly GroupNow[]): number {
  const names = ourGroups();
  return groups.filter(({ group }) => names.has(group)).reduce((sum, group) => sum + lagOf(group, true), 0);
}

function depthOfOurs(queues: readonly QueueFigures[]): number {
  const names = new Set(planQueues(contractTopology, env().TIME_SCALE).map(({ name }) => name));
  return queues
    .filter(({ name }) => names.has(name) && !name.endsWith(".dlq"))
    .reduce((sum, { ready, unacked }) => sum + ready + (unacked ?? 0), 0);
}

const keyOf = ({ group, topic }: GroupNow) => `${group}\n${topic}`;

/** Ours and all that lag; a foreign group at rest once a minute: there may be thousands. */
function worthStoring(groups: readonly GroupNow[], { stored }: Memory, nowMs: number): GroupNow[] {
  const names = ourGroups();
  const present = new Set(groups.map(keyOf));
  for (const key of stored.keys()) if (!present.has(key)) stored.delete(key);
  return groups.filter((group) => {
    const key = keyOf(group);
    const text = `${group.state} ${group.members} ${group.committed} ${group.ends}`;
    const last = stored.get(key);
    const isResting = !names.has(group.group) && last?.text === text && lagOf(group, false) === 0;
    if (isResting && nowMs - last.atMs < RESTING_MS) return false;
    stored.set(key, { text, atMs: nowMs });
    return true;
  });
}

/** One look at a time; who takes too long is away for now, and asked again when that look has ended. */
function patiently<Observation>(look: () => Promise<Observation>): () => Promise<Seen<Observation>> {
  let pending: Promise<Seen<Observation>> | null = null;
  return async () => {
    pending ??= look()
      .then((observation) => ({ observation }))
      .catch((error: Error) => ({ fault: error.message || error.name }))
      .finally(() => {
        pending = null;
      });
    const timer = Promise.withResolvers<Seen<Observation>>();
    const late = setTimeout(() => timer.resolve({ fault: `no answer in ${PATIENCE_MS / 1_000} s` }), PATIENCE_MS);
    return Promise.race([pending, timer.promise]).finally(() => clearTimeout(late));
  };
}

/** Hears who looks. Without a session to PostgreSQL nobody is heard, and the slow pace does. */
function watchers() {
  let lastMs = Number.NEGATIVE_INFINITY;
  let waiting = Promise.withResolvers<void>();
  const isWatched = () => performance.now() - lastMs < WATCH_LASTS_MS;
  const onLook = () => {
    const isNews = !isWatched();
    lastMs = performance.now();
    if (!isNews) return;
    waiting.resolve();
    waiting = Promise.withResolvers();
  };
  const ear = listen("observer watch", { on: { [WATCHED_CHANNEL]: onLook } });
  return {
    isWatched,
    /** Resolves when somebody begins to look. */
    changed: () => waiting.promise,
    stop: ear.stop,
  };
}

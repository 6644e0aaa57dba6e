import type { ObservedQueue } from "#server/messaging/rabbit-observe";

/** A queue as it is stored: what was seen of it at one moment and what the moments before make of it. */
export type QueueFigures = {
  name: string;
  ready: number;
  unacked: number | null;
  consumers: number;
  /** Per second over the last 15 s or so; null = not known. */
  inPerSecond: number | null;
  outPerSecond: number | null;
  ackPerSecond: number | null;
  /** Change of the depth per second; null = seen too shortly. */
  slope: number | null;
  /** Since when it was never seen empty, unix ms; null = it is empty. */
  busySinceMs: number | null;
  /** How long its oldest message has been in it: exact where counters are known, else at most so long. ms */
  oldestMs: number | null;
};

type Moment = { atMs: number; depth: number; published: number | null; delivered: number | null; acked: number | null };
type Memory = { moments: Moment[]; busySinceMs: number | null };

const RATE_MS = 15_000;
/** What comes in is remembered so long, at steps of 10 s, to find out when the oldest message came. */
const REMEMBERED_MS = 2 * 3_600_000;
const STEP_MS = 10_000;
const LEAST_SPAN_MS = 1_500;

/**
 * Remembers queues from moment to moment. @param before what was stored last, so that a restart forgets nothing of how
 * long a queue was not empty.
 */
export function queueMemory(before: readonly QueueFigures[] = []) {
  const memories = new Map<string, Memory>(before.map(({ name, busySinceMs }) => [name, { moments: [], busySinceMs }]));
  return {
    /** Adds a moment and says what is known now. Queues that are gone are forgotten. */
    add(atMs: number, queues: readonly ObservedQueue[]): QueueFigures[] {
      const names = new Set(queues.map(({ name }) => name));
      for (const name of memories.keys()) if (!names.has(name)) memories.delete(name);
      return queues.map((queue) => {
        const memory = memories.get(queue.name) ?? { moments: [], busySinceMs: null };
        memories.set(queue.name, memory);
        return figuresOf(queue, remember(memory, atMs, queue), atMs);
      });
    },
  };
}

function remember(memory: Memory, atMs: number, queue: ObservedQueue): Memory {
  const depth = queue.ready + (queue.unacked ?? 0);
  const last = memory.moments.at(-1);
  // A queue that was made anew counts from nought.
  if (last?.published != null && queue.published !== null && queue.published < last.published) memory.moments = [];
  memory.busySinceMs = depth === 0 ? null : (memory.busySinceMs ?? atMs);
  const { published, delivered, acked } = queue;
  memory.moments.push({ atMs, depth, published, delivered, acked });
  memory.moments = thinned(memory.moments, atMs);
  return memory;
}

/** All of the last seconds, one in 10 s before. */
function thinned(moments: readonly Moment[], nowMs: number): Moment[] {
  let keptMs = Number.NEGATIVE_INFINITY;
  return moments.filter(({ atMs }) => {
    if (atMs < nowMs - REMEMBERED_MS) return false;
    if (atMs < nowMs - 2 * RATE_MS && atMs - keptMs < STEP_MS) return false;
    keptMs = atMs;
    return true;
  });
}

function figuresOf(queue: ObservedQueue, { moments, busySinceMs }: Memory, atMs: number): QueueFigures {
  const recent = moments.filter((one) => one.atMs >= atMs - RATE_MS);
  const [first, last] = [recent[0]!, recent.at(-1)!];
  const seconds = (last.atMs - first.atMs) / 1_000;
  const isLongEnough = seconds * 1_000 >= LEAST_SPAN_MS;
  const rate = (counter: "published" | "delivered" | "acked") => {
    const [from, to] = [first[counter], last[counter]];
    return isLongEnough && from !== null && to !== null ? Math.max(0, to - from) / seconds : null;
  };
  return {
    name: queue.name,
    ready: queue.ready,
    unacked: queue.unacked,
    consumers: queue.consumers,
    inPerSecond: rate("published"),
    outPerSecond: rate("delivered"),
    ackPerSecond: rate("acked"),
    slope: isLongEnough ? (last.depth - first.depth) / seconds : null,
    busySinceMs,
    oldestMs: busySinceMs === null ? null : oldestOf(moments, busySinceMs, atMs),
  };
}

/**
 * First in, first out: of all that came, all but the last `depth` are gone. So the oldest came when the counter passed
 * that number. Without counters it came at the earliest when the queue was last empty.
 */
function oldestOf(moments: readonly Moment[], busySinceMs: number, atMs: number): number {
  const last = moments.at(-1)!;
  const atMost = atMs - busySinceMs;
  if (last.published === null) return atMost;
  const passed = last.published - last.depth;
  const after = moments.findIndex(({ published }) => published !== null && published > passed);
  if (after < 0) return 0;
  if (after === 0) return atMost;
  return Math.min(atMost, atMs - moments[after]!.atMs);
}

/** When a queue is empty at its present pace, ms; null = it does not shrink, or was seen too shortly. */
export function drain({ ready, slope }: Pick<QueueFigures, "ready" | "slope">): {
  etaMs: number | null;
  isGrowing: boolean;
} {
  if (ready === 0) return { etaMs: 0, isGrowing: false };
  if (slope === null) return { etaMs: null, isGrowing: false };
  return slope < 0
    ? { etaMs: Math.round((ready / -slope) * 1_000), isGrowing: false }
    : { etaMs: null, isGrowing: slope > 0 };
}

/**
 * How long until the next message leaves a waiting room, ms: its oldest waited for a part of the delay already. In a room
 * that has not been empty for longer than a delay they are taken to be evenly spread.
 */
export function nextReturn(
  queue: Pick<QueueFigures, "ready" | "busySinceMs">,
  delayMs: number,
  atMs: number,
): number | null {
  if (queue.ready === 0 || queue.busySinceMs === null) return null;
  const busyMs = atMs - queue.busySinceMs;
  return busyMs <= delayMs ? delayMs - busyMs : Math.round(delayMs / (queue.ready + 1));
}

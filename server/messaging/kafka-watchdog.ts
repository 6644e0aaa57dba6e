/** A group's place in one partition; offsets grow with time. */
export type Place = { partition: number; committed: bigint; end: bigint };

type Memory = { committed: bigint; sinceMs: number };

/**
 * Finds the consumer that is alive but does not move: its partition has records it has not read, and its committed offset
 * stood still for `patienceMs`. Heartbeats are no proof of progress, so they are not asked.
 */
export function createWatchdog(patienceMs: number): (places: readonly Place[], nowMs: number) => number[] {
  const memory = new Map<number, Memory>();
  return (places, nowMs) =>
    places
      .filter(({ partition, committed, end }) => {
        const known = memory.get(partition);
        if (!known || known.committed !== committed || committed >= end) {
          memory.set(partition, { committed, sinceMs: nowMs });
          return false;
        }
        return nowMs - known.sinceMs >= patienceMs;
      })
      .map(({ partition }) => partition);
}

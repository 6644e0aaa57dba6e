/** A group's place in one partition. */
export type Place = {
  partition: number;
  /** The offset it continues at; -1 = never committed. */
  committed: bigint;
  /** First offset that the broker still has. */
  start: bigint;
  /** One past the last. */
  end: bigint;
};

/** Records (and control records) between a group and the end of a partition. */
export const lagOf = ({ committed, start, end }: Place): bigint => end - (committed > start ? committed : start);

type Memory = { committed: bigint; sinceMs: number };

/**
 * Finds the consumer that is alive but does not move: it lags, its committed offset stands still and no batch has been
 * handed over or settled for `patienceMs`. A batch that fails again and again is activity: that is somebody else's
 * outage. Heartbeats are no proof of progress, so they are not asked.
 */
export function createWatchdog(
  patienceMs: number,
): (places: readonly Place[], lastActivityMs: number, nowMs: number) => number[] {
  const memory = new Map<number, Memory>();
  return (places, lastActivityMs, nowMs) =>
    places
      .filter((place) => {
        const known = memory.get(place.partition);
        if (!known || known.committed !== place.committed || lagOf(place) <= 0n) {
          memory.set(place.partition, { committed: place.committed, sinceMs: nowMs });
          return false;
        }
        return nowMs - Math.max(known.sinceMs, lastActivityMs) >= patienceMs;
      })
      .map(({ partition }) => partition);
}

import type { ClusterLink, FetchedRecord } from "./kafka-cluster.ts";

/** What lies at an offset: the first record somebody may read, or nothing but control records up to the end. */
export type FirstUnread = { offset: bigint; atMs: number } | "nothing";

type Spot = { topic: string; partition: number; leader: number; offset: bigint; end: bigint };

/** Looks per sample at most: each may bring a whole batch of the broker's. */
const LOOKS = 5;
/** Batches without a record to read that are passed in one look. */
const HOPS = 8;
const REMEMBERED = 5_000;
const FETCH = { isolationLevel: 1, maxWaitTime: 10, minBytes: 1, maxBytes: 1 };

/**
 * Reads the first unread record of the partitions that somebody lags behind on, a few at a time, the longest unseen
 * first. What was found holds until the group moves.
 */
export function unreadReader() {
  const known = new Map<string, { offset: bigint; end: bigint; found: FirstUnread }>();
  const lookedAt = new Map<string, number>();
  const keyOf = ({ topic, partition, offset }: Spot) => `${topic}/${partition}/${offset}`;

  return {
    /** Of what was looked at before; null = not yet, or the end has moved on since nothing was there. */
    recall(spot: Spot): FirstUnread | null {
      const memory = known.get(keyOf(spot));
      if (!memory || (memory.found === "nothing" && memory.end !== spot.end)) return null;
      return memory.found;
    },
    /** Looks at some of the spots. A partition that can't be read stays unknown. */
    async look(link: ClusterLink, spots: readonly Spot[]): Promise<void> {
      const place = ({ topic, partition }: Spot) => lookedAt.get(`${topic}/${partition}`) ?? 0;
      const next = [...spots].sort((one, other) => place(one) - place(other)).slice(0, LOOKS);
      await Promise.all(
        next.map(async (spot) => {
          lookedAt.set(`${spot.topic}/${spot.partition}`, performance.now());
          const found = await firstUnread(link, spot).catch(() => null);
          if (found) known.set(keyOf(spot), { offset: spot.offset, end: spot.end, found });
        }),
      );
      for (const memory of [known, lookedAt])
        for (const key of memory.keys()) {
          if (memory.size <= REMEMBERED) break;
          memory.delete(key);
        }
    },
  };
}

async function firstUnread(link: ClusterLink, spot: Spot): Promise<FirstUnread | null> {
  let offset = spot.offset;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const { records, next } = await fetchBatch(link, { ...spot, offset });
    const first = records[0];
    if (first) return { offset: BigInt(first.offset), atMs: Number(first.timestamp) };
    if (next === null) return null;
    if (next >= spot.end) return "nothing";
    offset = next;
  }
  return null;
}

const OUT_OF_RANGE = 1;

/**
 * Committed records of the next batches of a partition, from `offset` on, at least one batch whatever its size.
 * `next` is where to go on; null = nothing came.
 * @throws when the broker refuses, or the batch can't be decoded.
 */
export async function fetchBatch(
  link: ClusterLink,
  { topic, partition, leader, offset }: Omit<Spot, "end">,
  { maxBytes = FETCH.maxBytes, maxWaitTime = FETCH.maxWaitTime } = {},
): Promise<{ records: FetchedRecord[]; next: bigint | null; isGone: boolean }> {
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
  const { responses } = await link.ask(leader, "Fetch", {
    ...FETCH,
    maxBytes,
    maxWaitTime,
    topics: [{ topic, partitions }],
  });
  const answer = responses[0]?.partitions[0];
  if (!answer) return { records: [], next: null, isGone: false };
  if (answer.errorCode === OUT_OF_RANGE) return { records: [], next: null, isGone: true };
  if (answer.errorCode !== 0) throw new Error(`Kafka refuses to read ${topic}/${partition}: error ${answer.errorCode}`);
  const last = answer.messages.at(-1);
  if (!last) return { records: [], next: null, isGone: false };
  const { firstOffset, lastOffsetDelta } = last.batchContext;
  const records = withoutAborted(answer.messages, answer.abortedTransactions ?? []).filter(
    (record) => !record.isControlRecord && BigInt(record.offset) >= offset,
  );
  return { records, next: BigInt(firstOffset) + BigInt(lastOffsetDelta) + 1n, isGone: false };
}

/** Leaves out what belongs to a transaction that was taken back: from its first offset to its producer's next marker. */
function withoutAborted(
  records: readonly FetchedRecord[],
  aborted: readonly { producerId: string; firstOffset: string }[],
): FetchedRecord[] {
  if (aborted.length === 0) return [...records];
  const waiting = [...aborted].sort((one, other) => Number(BigInt(one.firstOffset) - BigInt(other.firstOffset)));
  const open = new Set<string>();
  return records.filter(({ offset, isControlRecord, batchContext: { producerId, inTransaction } }) => {
    while (waiting.length > 0 && BigInt(offset) >= BigInt(waiting[0]!.firstOffset))
      open.add(waiting.shift()!.producerId);
    if (isControlRecord) return !open.delete(producerId);
    return !(inTransaction && open.has(producerId));
  });
}

import type { Headers } from "./broker.ts";
import type { ClusterLink, FetchedRecord } from "./kafka-cluster.ts";
import { fromKafkaHeaders } from "./kafka-headers.ts";
import { type KafkaObserver, placeOf, readOffsets } from "./kafka-observe.ts";
import { fetchBatch } from "./kafka-unread.ts";

export type ReadRecord = {
  partition: number;
  offset: bigint;
  atMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Headers;
};

/** From where on to read, per partition. */
export type BrowseFrom =
  | { kind: "oldest" }
  /** The last so many of each partition. */
  | { kind: "newest"; records: number }
  | { kind: "offset"; offset: bigint }
  | { kind: "time"; atMs: number };

/** A part of the way: what was read in one request, and how far it is. `read` and `of` in offsets of all partitions. */
export type BrowsePart = { records: ReadRecord[]; read: number; of: number };

/** There is no such topic or partition. */
export class NoSuchTopic extends Error {
  override name = "NoSuchTopic";
}

const BYTES = 1_048_576;
const WAIT_MS = 250;

/**
 * Reads a topic from somewhere to the end it had at the start; no group is touched. Newest comes partition by partition,
 * everything else in steps over all partitions. Ends when the reader breaks off, or `signal` says so.
 * @throws NoSuchTopic
 */
export async function* browse(
  observer: KafkaObserver,
  { topic, partition, from, signal }: { topic: string; partition?: number; from: BrowseFrom; signal: AbortSignal },
): AsyncGenerator<BrowsePart> {
  const ways = await observer.cluster.use((link) => planWays(link, topic, partition, from));
  const of = ways.reduce((sum, { next, end }) => sum + Number(end - next), 0);
  let read = 0;
  let open = ways.filter(({ next, end }) => next < end);
  while (open.length > 0) {
    for (const way of open) {
      if (signal.aborted) return;
      const { records, next, isGone } = await observer.cluster.use((link) =>
        fetchBatch(
          link,
          { topic, partition: way.partition, leader: way.leader, offset: way.next },
          { maxBytes: BYTES, maxWaitTime: WAIT_MS },
        ),
      );
      // Nothing to read although the end lies further on: emptied meanwhile, or compacted away.
      const reached = isGone || next === null ? way.end : within(next, 0n, way.end);
      read += Number(reached - way.next);
      way.next = reached;
      const mine = records.filter(({ offset }) => BigInt(offset) < way.end);
      yield { records: mine.map((record) => toRead(record, way.partition)), read, of };
    }
    open = open.filter(({ next, end }) => next < end);
  }
}

type Way = { partition: number; leader: number; next: bigint; end: bigint };

async function planWays(
  link: ClusterLink,
  topic: string,
  partition: number | undefined,
  from: BrowseFrom,
): Promise<Way[]> {
  const { topicMetadata } = await link.ask(link.nodes()[0]!, "Metadata", {
    topics: [topic],
    allowAutoTopicCreation: false,
  });
  const found = topicMetadata.find((one) => one.topic === topic && one.topicErrorCode === 0);
  if (!found) throw new NoSuchTopic(`Kafka has no topic ${topic}`);
  const place = placeOf(found);
  if (partition !== undefined && partition >= place.partitions)
    throw new NoSuchTopic(`${topic} has the partitions 0 to ${place.partitions - 1}`);
  const timestamp = from.kind === "time" ? String(from.atMs) : "-2";
  const [starts, ends] = await Promise.all([readOffsets(link, [place], timestamp), readOffsets(link, [place], "-1")]);
  const earliest = from.kind === "time" ? await readOffsets(link, [place], "-2") : starts;
  return [...place.leaders]
    .filter(([one]) => partition === undefined || one === partition)
    .map(([one, leader]) => {
      const key = `${topic}/${one}`;
      const [start, end] = [earliest.get(key) ?? 0n, ends.get(key) ?? 0n];
      return { partition: one, leader, next: beginning(starts.get(key) ?? 0n, start, end), end };
    });

  function beginning(given: bigint, start: bigint, end: bigint): bigint {
    const wanted =
      from.kind === "newest"
        ? end - BigInt(from.records)
        : from.kind === "offset"
          ? from.offset
          : from.kind === "time" && given < 0n
            ? end
            : given;
    return within(wanted, start, end);
  }
}

const within = (offset: bigint, least: bigint, most: bigint) =>
  offset < least ? least : offset > most ? most : offset;

const toRead = ({ offset, timestamp, key, value, headers }: FetchedRecord, partition: number): ReadRecord => ({
  partition,
  offset: BigInt(offset),
  atMs: Number(timestamp),
  key,
  value,
  headers: fromKafkaHeaders(headers),
});

import type { z } from "zod";
import type { BrowsedRecord, BrowseLine, BrowseQuery } from "#contracts/api/operations";
import { splitConfluent } from "#server/messaging/confluent-format";
import type { BrowseFrom, ReadRecord } from "#server/messaging/kafka-browse";
import { askKafka } from "#server/messaging/kafka-reads-port";
import { schemaRegistry } from "#server/messaging/schema-registry-port";
import { Problem } from "#server/platform/problem";
import { matches, type Schemas, showRecord } from "./show-record.ts";

type Query = z.infer<typeof BrowseQuery>;
type Line = z.infer<typeof BrowseLine>;

const PROGRESS_MS = 500;
/** Nobody reads longer than that at one go. */
const LIMIT_MS = 120_000;
/** The newest of each partition that a filter looks through. */
const SEARCHED = 10_000;

/**
 * Reads a topic as lines: what matches, how far it is, and why it ended. Read-only; ends at once when the reader goes.
 * @param show what the reader may see of a record.
 * @throws Problem 404, 503 before the first line.
 */
export async function browseTopic(
  topic: string,
  query: Query,
  left: AbortSignal,
  show: (record: BrowsedRecord) => BrowsedRecord,
): Promise<ReadableStream<Uint8Array>> {
  const ending = new AbortController();
  const signal = AbortSignal.any([left, ending.signal]);
  const lines = readLines(topic, query, signal, show);
  // The first line is asked for before the answer begins, so that what can't be read is refused with its status.
  const first = await lines.next().catch((error: Error) => {
    if (error.name === "NoSuchTopic") throw new Problem(404, "no_such_topic", `${error.message}.`);
    if (error instanceof Problem) throw error;
    throw new Problem(503, "kafka_unavailable", "Kafka does not answer.", { headers: { "retry-after": "5" } });
  });
  const encoder = new TextEncoder();
  let next: IteratorResult<Line> | null = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = next ?? (await lines.next().catch(broken));
      next = null;
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      ending.abort();
      await lines.return(undefined);
    },
  });
}

const broken = (error: Error): IteratorResult<Line> => ({
  done: false,
  value: { end: { reason: `Kafka stopped answering: ${error.message}`, read: 0, matched: 0 } },
});

async function* readLines(
  topic: string,
  query: Query,
  signal: AbortSignal,
  show: (record: BrowsedRecord) => BrowsedRecord,
): AsyncGenerator<Line, undefined> {
  const startedMs = performance.now();
  const { partition, limit } = query;
  const isNewest = query.from === "newest";
  const parts = await askKafka(async (kafka) => kafka.browse({ topic, partition, from: fromOf(query), signal }));
  let newest: Read[] = [];
  let [read, matched, saidMs] = [0, 0, Number.NEGATIVE_INFINITY];
  let reason = "Everything was read.";
  reading: for await (const part of parts) {
    read = part.read;
    const schemas = await schemasOf(part.records);
    for (const record of part.records) {
      if (!matches(record, query, schemas)) continue;
      matched += 1;
      if (isNewest) newest.push({ record, schemas });
      else yield { record: show(showRecord(record, schemas)) };
      if (!isNewest && matched >= limit) {
        reason = `The first ${limit} were found.`;
        break reading;
      }
    }
    if (newest.length > 4 * limit) newest = latest(newest, limit);
    if (performance.now() - saidMs >= PROGRESS_MS) {
      saidMs = performance.now();
      yield { progress: { read, matched, of: part.of } };
    }
    if (performance.now() - startedMs > LIMIT_MS) {
      reason = `Stopped after ${LIMIT_MS / 1_000} s: begin further on.`;
      break;
    }
  }
  if (signal.aborted) return;
  for (const { record, schemas } of latest(newest, limit)) yield { record: show(showRecord(record, schemas)) };
  if (isNewest && matched > limit) reason = `The newest ${limit} are shown.`;
  yield { end: { reason, read, matched } };
}

type Read = { record: ReadRecord; schemas: Schemas };

/** What the registry, where there is one, says of the schemas that these keys and values name. */
async function schemasOf(records: readonly ReadRecord[]): Promise<Schemas> {
  const registry = schemaRegistry();
  if (!registry) return null;
  const named = records.flatMap(({ key, value }) => [splitConfluent(key), splitConfluent(value)]);
  return registry.answersFor(named.flatMap((split) => split?.schemaId ?? []));
}

const latest = (read: readonly Read[], limit: number): Read[] =>
  read
    .toSorted(
      ({ record: one }, { record: other }) =>
        other.atMs - one.atMs || other.partition - one.partition || Number(other.offset - one.offset),
    )
    .slice(0, limit);

/** @throws Problem 400 */
function fromOf(query: Query): BrowseFrom {
  const { from, limit, offset, time, key, header, text, path } = query;
  if (from === "oldest") return { kind: "oldest" };
  if (from === "newest") return { kind: "newest", records: (key ?? header ?? text ?? path) ? SEARCHED : limit };
  if (from === "offset") {
    if (offset === undefined) throw new Problem(400, "query_not_valid", "offset: say which offset to begin at");
    return { kind: "offset", offset: BigInt(offset) };
  }
  if (time === undefined) throw new Problem(400, "query_not_valid", "time: say which time to begin at");
  return { kind: "time", atMs: Date.parse(time) };
}

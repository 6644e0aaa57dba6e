import type { Money } from "#contracts/api/dead-letters";
import type { Known } from "#contracts/api/operations";
import { unsettledStatuses } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { judging, type Reading } from "./burrow.ts";
import type { QueueFigures } from "./observe-queues.ts";
import { type Figures, type GroupNow, readLatest, readLatestQueues } from "./observe-sample.ts";

/** Orders that stand at one step. Test orders are counted, their money is not. */
export type Waiting = { orders: number; money: Money; oldestAt: Date };

/** All that the live screens are made of, read once for all viewers. */
export type Observed = {
  at: Date;
  known: Known;
  figures: Figures | null;
  groups: GroupNow[];
  /** By group and topic, see `windowKey`: a reading list per partition, oldest first, the last one is `groups`'. */
  windows: Map<string, Reading[][]>;
  queues: QueueFigures[];
  /** By order status: placed, paid, reserved. */
  waiting: Map<string, Waiting>;
  /** Worker to who paused it. */
  pauses: Map<string, string>;
  /** Messages that a worker tries again later, by worker: those of Kafka. */
  retries: Map<string, number>;
  /** Unsettled letters in the store by the queue or topic they died in. */
  dead: Map<string, number>;
  outbox: { unsent: number; oldestMs: number | null };
  /** Per second over the last minute or so; null = seen too shortly. */
  placedPerSecond: number | null;
  scale: number;
  prefix: string;
};

/** An observer that has not written for so long is not there, ms. */
const SILENT_MS = 30_000;

export const windowKey = ({ group, topic }: { group: string; topic: string }) => `${group}\n${topic}`;

export async function readObserved(): Promise<Observed> {
  const latest = await readLatest();
  const at = latest?.at ?? new Date();
  const groups = latest?.figures.now?.groups ?? [];
  const [windows, queues, waiting, pauses, retries, dead, outbox, placedPerSecond] = await Promise.all([
    readWindows(at, groups),
    readLatestQueues(),
    readWaiting(),
    readPauses(),
    readRetries(),
    readDead(),
    readOutbox(),
    readPlacedRate(at),
  ]);
  const { TIME_SCALE: scale, TOPIC_PREFIX: prefix } = env();
  const known = knownAt(latest, new Date());
  return {
    ...{ at, known, figures: latest?.figures ?? null, groups, windows, queues: queues?.queues ?? [] },
    ...{ waiting, pauses, retries, dead, outbox, placedPerSecond, scale, prefix },
  };
}

/** What is known, said of the observer as well: what it does not write nobody knows. */
export function knownAt(latest: { at: Date; figures: Pick<Figures, "known"> } | null, now: Date): Known {
  if (latest && now.getTime() - latest.at.getTime() < SILENT_MS) return latest.figures.known;
  const away = {
    isUp: false,
    since: latest?.at.toISOString() ?? null,
    reason: latest ? "Nobody observes it: the observer process is away." : "Nothing was observed yet.",
  };
  return { kafka: away, rabbitmq: away, queueSource: "none" };
}

type SampleRow = { group: string; topic: string; sampled_at: Date; committed: unknown[]; ends: unknown[] };

async function readWindows(at: Date, groups: readonly GroupNow[]): Promise<Map<string, Reading[][]>> {
  const rows = await db.rows<SampleRow>(sql`
    SELECT group_id AS "group", topic, sampled_at, committed::text[], ends::text[] FROM group_samples
     WHERE sampled_at >= ${new Date(at.getTime() - judging.windowMs)} AND sampled_at < ${at} ORDER BY sampled_at, id`);
  const earlier = new Map<string, SampleRow[]>();
  for (const row of rows) earlier.set(windowKey(row), [...(earlier.get(windowKey(row)) ?? []), row]);
  return new Map(
    groups.map((now) => {
      const rows = earlier.get(windowKey(now)) ?? [];
      const perPartition = now.ends.map((end, partition): Reading[] => {
        const start = BigInt(now.starts[partition]!);
        const before = rows
          .filter(({ ends }) => ends[partition] !== undefined)
          .map(({ sampled_at, committed, ends }) => ({
            atMs: sampled_at.getTime(),
            committed: BigInt(committed[partition] as string),
            end: BigInt(ends[partition] as string),
            start,
          }));
        return [
          ...before,
          { atMs: at.getTime(), committed: BigInt(now.committed[partition]!), end: BigInt(end), start },
        ];
      });
      return [windowKey(now), perPartition];
    }),
  );
}

async function readWaiting(): Promise<Map<string, Waiting>> {
  const rows = await db.rows<{ status: string; currency: string; orders: number; cents: number; oldest: Date }>(sql`
    SELECT status, currency, count(*) AS orders, coalesce(sum(total_cents) FILTER (WHERE NOT is_test), 0)::bigint AS cents,
           min(changed_at) AS oldest
      FROM order_views WHERE status IN ('placed', 'paid', 'reserved') GROUP BY status, currency ORDER BY currency`);
  const waiting = new Map<string, Waiting>();
  for (const { status, currency, orders, cents, oldest } of rows) {
    const one = waiting.get(status) ?? { orders: 0, money: [], oldestAt: oldest };
    waiting.set(status, {
      orders: one.orders + orders,
      money: cents > 0 ? [...one.money, { currency, cents }] : one.money,
      oldestAt: new Date(Math.min(oldest.getTime(), one.oldestAt.getTime())),
    });
  }
  return waiting;
}

async function readPauses(): Promise<Map<string, string>> {
  const rows = await db.rows<{ worker: string; by: string }>(sql`SELECT worker, paused_by AS by FROM worker_pauses`);
  return new Map(rows.map(({ worker, by }) => [worker, by]));
}

async function readRetries(): Promise<Map<string, number>> {
  const rows = await db.rows<{ worker: string; retries: number }>(
    sql`SELECT consumer AS worker, count(*) AS retries FROM reminders WHERE topic IS NOT NULL GROUP BY consumer`,
  );
  return new Map(rows.map(({ worker, retries }) => [worker, retries]));
}

async function readDead(): Promise<Map<string, number>> {
  const rows = await db.rows<{ source: string; letters: number }>(
    sql`SELECT source, count(*) AS letters FROM dead_letters WHERE status = ANY(${[...unsettledStatuses]}::text[]) GROUP BY source`,
  );
  return new Map(rows.map(({ source, letters }) => [source, letters]));
}

async function readOutbox(): Promise<Observed["outbox"]> {
  const [row] = await db.rows<Observed["outbox"]>(sql`
    SELECT count(*) AS unsent, round(extract(epoch FROM now() - min(occurred_at)) * 1000)::bigint AS "oldestMs"
      FROM outbox WHERE sent_at IS NULL`);
  return row!;
}

async function readPlacedRate(at: Date): Promise<number | null> {
  const [row] = await db.rows<{ rate: number | null }>(sql`
    SELECT (max((figures->>'placed')::bigint) - min((figures->>'placed')::bigint))
             / nullif(extract(epoch FROM max(sampled_at) - min(sampled_at)), 0)::float8 AS rate
      FROM pipeline_samples WHERE sampled_at > ${new Date(at.getTime() - 30_000)}`);
  return row?.rate ?? null;
}

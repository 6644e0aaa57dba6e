import type { z } from "zod";
import type { GroupHistory, Series } from "#contracts/api/operations";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

const POINTS = 300;
const MARKS = 200;
/** Where nothing was observed for longer, and for longer than two points are apart, a curve has a hole, ms. */
const HOLE_MS = 60_000;

type Row = {
  at: Date;
  placed: number;
  shipped: number;
  deaths: number;
  lag: number | null;
  depth: number | null;
  latencyMs: number | null;
};

/** The first screen's curves over the last minutes, at most 300 points; peaks of lag and depth stay. */
export async function readSeries(minutes: number): Promise<Series> {
  const to = new Date();
  const from = new Date(to.getTime() - minutes * 60_000);
  const bucketS = (minutes * 60) / (POINTS - 1);
  const [rows, marks] = await Promise.all([
    db.rows<Row>(sql`
      SELECT max(sampled_at) AS at, max((figures->>'placed')::bigint) AS placed, max((figures->>'shipped')::bigint) AS shipped,
             max((figures->>'deaths')::bigint) AS deaths, max((figures->>'lag')::float8) AS lag,
             max((figures->>'depth')::float8) AS depth, avg((figures->>'latencyMs')::float8) AS "latencyMs"
        FROM pipeline_samples WHERE sampled_at >= ${from} AND sampled_at <= ${to}
       GROUP BY floor(extract(epoch FROM sampled_at) / ${bucketS}::float8) ORDER BY at`),
    readMarks(from, to),
  ]);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    points: toPoints(rows, Math.max(HOLE_MS, bucketS * 2_500)).slice(-POINTS),
    marks,
  };
}

/** Counters to paces. A counter that was set back counts as nothing new. */
export function toPoints(rows: readonly Row[], holeMs = HOLE_MS): Series["points"] {
  return rows.map((row, index) => {
    const before = rows[index - 1];
    const ms = before ? row.at.getTime() - before.at.getTime() : 0;
    const pace = (counter: "placed" | "shipped" | "deaths") =>
      !before || ms <= 0 || ms > holeMs ? null : (Math.max(0, row[counter] - before[counter]) * 60_000) / ms;
    return {
      at: row.at.toISOString(),
      placedPerMinute: pace("placed"),
      shippedPerMinute: pace("shipped"),
      latencyMs: row.latencyMs,
      errorsPerMinute: pace("deaths"),
      lag: row.lag,
      depth: row.depth,
    };
  });
}

/** What explains a bend: replays, redirects and alerts from their own tables, all else from where it was noted. */
async function readMarks(from: Date, to: Date): Promise<Series["marks"]> {
  const rows = await db.rows<{ at: Date; kind: string; label: string; href: string | null }>(sql`
    SELECT at, kind, label, href FROM (
      SELECT occurred_at AS at, kind, label, href FROM pipeline_marks WHERE kind NOT IN ('replay', 'redirect', 'alert')
      UNION ALL SELECT started_at, 'replay', 'Replay: ' || name, '/dead-letters/runs/' || id FROM replay_runs WHERE started_at IS NOT NULL
      UNION ALL SELECT created_at, 'redirect', 'Redirect from ' || from_name, '/dead-letters' FROM redirect_rules
      UNION ALL SELECT fired_at, 'alert', summary, href FROM alerts WHERE fired_at IS NOT NULL
    ) AS marks WHERE at >= ${from} AND at <= ${to} ORDER BY at DESC LIMIT ${MARKS}`);
  return rows.reverse().map(({ at, ...mark }) => ({ at: at.toISOString(), ...mark }));
}

/** A group's lag over the last day, over all its topics, at most 300 points; the worst of each. */
export async function readGroupHistory(group: string): Promise<z.infer<typeof GroupHistory>> {
  const rows = await db.rows<{ at: Date; lag: number; committed: number; end: number }>(sql`
    WITH moments AS (
      SELECT sampled_at, sum(greatest(p.e - p.c, 0)) FILTER (WHERE p.c >= 0) AS lag,
             sum(greatest(p.c, 0)) AS committed, sum(p.e) AS "end"
        FROM group_samples s, LATERAL unnest(s.committed, s.ends) AS p(c, e)
       WHERE s.group_id = ${group} AND s.sampled_at > now() - interval '24 hours'
       GROUP BY sampled_at
    ), bounds AS (SELECT greatest(extract(epoch FROM max(sampled_at) - min(sampled_at)) / ${POINTS - 1}::float8, 0.001) AS width FROM moments)
    SELECT max(sampled_at) AS at, coalesce(max(lag), 0)::bigint AS lag, max(committed)::bigint AS committed, max("end")::bigint AS "end"
      FROM moments, bounds GROUP BY floor(extract(epoch FROM sampled_at) / width) ORDER BY at`);
  return { points: rows.slice(-POINTS).map(({ at, ...point }) => ({ at: at.toISOString(), ...point })) };
}

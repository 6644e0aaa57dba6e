import type { ReplayTarget, Run, RunDetail } from "#contracts/api/replays";
import type { RunStatus, Verdict } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { describeTarget } from "./replay-message.ts";

type Times = "plannedAt" | "holdUntil" | "startedAt" | "endedAt";
type RunRow = Omit<Run, Times | "target"> & { [Key in Times]: Date | null } & { target: ReplayTarget | null };

const shown = ({ target, plannedAt, holdUntil, startedAt, endedAt, ...run }: RunRow): Run => ({
  ...run,
  target: target && describeTarget(target),
  plannedAt: plannedAt!.toISOString(),
  holdUntil: holdUntil?.toISOString() ?? null,
  startedAt: startedAt?.toISOString() ?? null,
  endedAt: endedAt?.toISOString() ?? null,
});

/** Runs that are not over; others may still get outcomes. */
const underWay: readonly RunStatus[] = ["held", "running", "paused"];

type WantedRuns = { runIds?: readonly string[]; isUnderWay?: boolean; limit: number };

/** All runs where neither is given; else those under way and these. */
const readRuns = ({ runIds, isUnderWay = false, limit }: WantedRuns) =>
  db.rows<RunRow>(sql`
    SELECT run.id AS "runId", run.operation_id AS "operationId", run.name, run.kind, run.status, run.target, run.reason, run.stop_reason AS "stopReason",
           run.rate_per_second AS "ratePerSecond", run.steps, run.step, run.stop_above_percent AS "stopAbovePercent", run.letters,
           run.planned_by AS "plannedBy", run.accepted_by AS "acceptedBy", run.planned_at AS "plannedAt", run.hold_until AS "holdUntil",
           run.started_at AS "startedAt", run.ended_at AS "endedAt",
           coalesce(c.counts, '{}') AS counts, coalesce(c.recent, 0) / greatest(1, least(10, date_part('epoch', now() - run.started_at))) AS "measuredRate"
      FROM (SELECT * FROM replay_runs
             WHERE status <> 'planned' AND ((${runIds ?? null}::uuid[] IS NULL AND NOT ${isUnderWay}) OR id = ANY(${runIds ?? []}::uuid[])
                   OR (${isUnderWay} AND status = ANY(${underWay}::text[])))
             ORDER BY planned_at DESC LIMIT ${limit}) run
      LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(status, letters) AS counts, sum(recent)::int AS recent
          FROM (SELECT status, count(*) AS letters, count(*) FILTER (WHERE sent_at > now() - interval '10 seconds') AS recent
                  FROM replays WHERE run_id = run.id GROUP BY status) s) c ON true
     ORDER BY run.planned_at DESC`);

/** Runs, newest first; plans that nobody accepted are none. */
export const listRuns = async (limit = 100): Promise<Run[]> => (await readRuns({ limit })).map(shown);

/** Runs that are under way, and these; for live updates. */
export const listRunsUnderWay = async (runIds: readonly string[]): Promise<Run[]> =>
  (await readRuns({ runIds, isUnderWay: true, limit: 100 })).map(shown);

export const isUnderWay = ({ status }: Pick<Run, "status">): boolean => underWay.includes(status);

/** A run with what it changed. @throws Problem 404. */
export async function getRun(runId: string): Promise<RunDetail> {
  const [row] = await readRuns({ runIds: [runId], limit: 1 });
  if (!row) throw new Problem(404, "run_not_found", "There is no run with this id.");
  const [orders, recovered, stillAtRisk, newFailures, verdicts, problems] = await Promise.all([
    db.rows<{ status: string; orders: number }>(sql`
      SELECT o.status, count(*) AS orders
        FROM (SELECT DISTINCT l.order_id FROM replays r JOIN dead_letters l ON l.id = r.letter_id
               WHERE r.run_id = ${runId}::uuid AND r.status NOT IN ('skipped', 'cancelled')) touched
        JOIN orders o ON o.id = touched.order_id GROUP BY o.status ORDER BY orders DESC`),
    moneyOf(runId, { isRecovered: true }),
    moneyOf(runId, { isRecovered: false }),
    db.rows<{ letters: number }>(sql`
      SELECT count(DISTINCT d.letter_id) AS letters
        FROM replay_runs run JOIN dead_letter_deaths d ON d.collected_at >= run.started_at AND d.collected_at <= coalesce(run.ended_at, now())
        JOIN dead_letters l ON l.id = d.letter_id
       WHERE run.id = ${runId}::uuid AND l.group_id IN (SELECT g.group_id FROM replays r JOIN dead_letters g ON g.id = r.letter_id WHERE r.run_id = run.id)
         AND NOT EXISTS (SELECT 1 FROM replays mine WHERE mine.run_id = run.id AND mine.letter_id = l.id)`),
    db.rows<{ verdict: Verdict; letters: number }>(sql`
      SELECT verdict, count(*) AS letters FROM replays WHERE run_id = ${runId}::uuid GROUP BY verdict ORDER BY letters DESC`),
    db.rows<RunDetail["problems"][number]>(sql`
      SELECT id AS "replayId", letter_id AS "letterId", status, detail FROM replays
       WHERE run_id = ${runId}::uuid AND status IN ('failed_again', 'uncertain', 'unknown', 'skipped') ORDER BY position LIMIT 200`),
  ]);
  return {
    run: shown(row),
    receipt: { orders, recovered, stillAtRisk, newFailures: newFailures[0]!.letters },
    verdicts,
    problems,
  };
}

/** Each order once: it is recovered when every letter it has in the run succeeded. Test orders are left out. */
const moneyOf = (runId: string, { isRecovered }: { isRecovered: boolean }) =>
  db.rows<{ currency: string; cents: number }>(sql`
    SELECT o.currency, sum(o.total_cents)::bigint AS cents
      FROM (SELECT l.order_id, bool_and(r.status = 'succeeded') AS "isRecovered" FROM replays r JOIN dead_letters l ON l.id = r.letter_id
             WHERE r.run_id = ${runId}::uuid AND l.order_id IS NOT NULL GROUP BY l.order_id) t
      JOIN orders o ON o.id = t.order_id AND NOT o.is_test
     WHERE t."isRecovered" = ${isRecovered}
     GROUP BY o.currency ORDER BY o.currency`);

import type { ReplayTarget } from "#contracts/api/replays";
import { crashPoint } from "#server/platform/crash-point";
import { db, inTransaction, type Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { endRun, returnLetters } from "./change-run.ts";
import { originTarget, type StagedReplay } from "./replay-message.ts";

/** A sent replay of which nothing was heard for so long has an unknown outcome. */
const PATIENCE_MS = 3_600_000;

/**
 * Learns the outcome of what was sent from the inbox of its worker: a row there means that the effects are in the
 * database. That it failed again is told by the collector, when the letter comes back. Also judges what was uncertain, and
 * what was given up: an answer that comes late is one. What left for a place where nobody of ours reads has no answer.
 * Row by row through primary keys (OFFSET 0, CASE): statistics of these tables are always those of another moment, and
 * what the planner makes of them was 100 times slower.
 * @returns letters whose outcome is known now.
 */
export async function settleReplays(): Promise<number> {
  return inTransaction(async (tx) => {
    const [settled] = await tx.rows<{ letters: number }>(sql`
      WITH open AS MATERIALIZED (
             SELECT id, letter_id, claimed_at, target, true AS "isLast" FROM replays WHERE status = 'sent'
              UNION ALL
             SELECT r.id, r.letter_id, r.claimed_at, r.target, false
               FROM dead_letters l JOIN replays r ON r.letter_id = l.id
              WHERE l.status = 'uncertain' AND (r.status = 'uncertain' OR (r.status = 'unknown' AND r.target ->> 'consumer' IS NOT NULL))),
           done AS MATERIALIZED (
             SELECT o.id, o."isLast", i.processed_at < o.claimed_at AS "wasDone"
               FROM open o
              CROSS JOIN LATERAL (SELECT message_id, consumer FROM dead_letters WHERE id = o.letter_id OFFSET 0) l
              CROSS JOIN LATERAL (SELECT processed_at FROM inbox
                                   WHERE consumer = coalesce(o.target ->> 'consumer', l.consumer) AND message_id = l.message_id OFFSET 0) i),
           settled AS (
             UPDATE replays r SET status = 'succeeded', settled_at = now(),
                    detail = CASE WHEN d."wasDone" THEN 'The worker had done it before this replay.' END
               FROM done d WHERE r.id = d.id AND CASE r.status WHEN 'sent' THEN true WHEN 'uncertain' THEN true WHEN 'unknown' THEN true ELSE false END
             RETURNING r.letter_id, d."isLast"),
           -- A letter that joined another run meanwhile is that run's.
           letters AS (
             UPDATE dead_letters l SET status = 'succeeded', settled_at = now(), version = l.version + 1
               FROM settled s WHERE l.id = s.letter_id AND CASE l.status WHEN 'replaying' THEN s."isLast" WHEN 'uncertain' THEN true ELSE false END
             RETURNING l.id)
      SELECT count(*) AS letters FROM settled`);
    if (settled!.letters > 0) crashPoint("settle:before-commit");
    return settled!.letters;
  });
}

/** Replays that nobody has answered for. The letter waits for somebody again. */
export async function giveUpWaiting(patienceMs = PATIENCE_MS): Promise<void> {
  await db.rows(sql`
    WITH forgotten AS (
           UPDATE replays SET status = 'unknown', settled_at = now(), detail = 'It left, and no outcome came.'
            WHERE status = 'sent' AND sent_at < now() - ${patienceMs} * interval '1 millisecond' RETURNING letter_id)
    UPDATE dead_letters l SET status = 'uncertain', version = l.version + 1
      FROM forgotten f WHERE l.id = f.letter_id AND l.status = 'replaying'`);
}

type UnderWay = Pick<StagedReplay, "replayId" | "consumer" | "messageId" | "origin"> & {
  hasBody: boolean;
  runId: string;
  position: number;
  runTarget: ReplayTarget | null;
};

/**
 * Judges what a dead sender left under way. What was to go straight to a worker leaves only together with its mark, so it
 * has not left and waits again, or goes back where it was when its run has ended meanwhile. Of the rest nobody can say,
 * unless the worker or a new death does.
 * @returns how many there were.
 */
export const recoverOrphans = (): Promise<number> =>
  inTransaction(async (tx) => {
    const orphans = await tx.rows<UnderWay>(sql`
      SELECT r.id AS "replayId", r.run_id AS "runId", r.position, run.target AS "runTarget", l.consumer, l.message_id AS "messageId", d.origin,
             r.edit_id IS NOT NULL OR d.body IS NOT NULL AS "hasBody"
        FROM replays r JOIN replay_runs run ON run.id = r.run_id JOIN dead_letters l ON l.id = r.letter_id
        JOIN LATERAL (SELECT origin, body FROM dead_letter_deaths WHERE letter_id = l.id ORDER BY id DESC LIMIT 1) d ON true
       WHERE r.status = 'waiting' AND r.position <= run.claimed_through FOR UPDATE OF run, r`);
    const hasNotLeft = (orphan: UnderWay) => (orphan.runTarget ?? originTarget(orphan)).kind === "worker";
    await doubt(
      tx,
      orphans.filter((orphan) => !hasNotLeft(orphan)),
    );
    await unclaim(tx, orphans.filter(hasNotLeft));
    return orphans.length;
  });

const doubt = (tx: Tx, orphans: readonly UnderWay[]) =>
  tx.rows(sql`
    WITH judged AS (
           UPDATE replays r
              SET status = 'uncertain', settled_at = now(), claimed_at = (SELECT claimed_at FROM replay_runs WHERE id = r.run_id),
                  detail = 'The sender died between handing it to the broker and writing down the confirm: it may have left or not.'
            WHERE r.id = ANY(${orphans.map(({ replayId }) => replayId)}::uuid[])
           RETURNING r.id, r.run_id, r.letter_id),
         doubtful AS (
           UPDATE dead_letters l SET status = 'uncertain', version = l.version + 1
             FROM judged j WHERE l.id = j.letter_id AND l.status = 'replaying')
    INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject, after)
    SELECT run.operation_id, coalesce(run.accepted_by, 'replay-sender'), 'run', 'dead-letters:' || run.kind, 'outcome', 'letter:' || j.letter_id,
           jsonb_build_object('replayId', j.id, 'run', j.run_id, 'status', 'uncertain')
      FROM judged j JOIN replay_runs run ON run.id = j.run_id`);

async function unclaim(tx: Tx, orphans: readonly UnderWay[]): Promise<void> {
  for (const [runId, mine] of Map.groupBy(orphans, (orphan) => orphan.runId)) {
    const first = Math.min(...mine.map(({ position }) => position));
    const [run] = await tx.rows<{ hasEnded: boolean }>(sql`
      UPDATE replay_runs SET claimed_through = ${first - 1} WHERE id = ${runId}::uuid RETURNING ended_at IS NOT NULL AS "hasEnded"`);
    if (run!.hasEnded) await returnLetters(tx, runId, "its run ended while its sender was away");
  }
}

type Standing = {
  runId: string;
  waiting: number;
  inFlight: number;
  failed: number;
  settled: number;
  stopAbove: number | null;
};

/** A share of failures says nothing before so many outcomes, or before all of a step. */
const SAMPLE = 5;

/** Stops runs that fail too often, ends those that are through. */
export async function closeRuns(): Promise<void> {
  const standings = await db.rows<Standing>(sql`
    SELECT run.id AS "runId", run.stop_above_percent AS "stopAbove",
           count(*) FILTER (WHERE r.status = 'waiting') AS waiting,
           count(*) FILTER (WHERE r.status = 'sent') AS "inFlight",
           count(*) FILTER (WHERE r.status = 'failed_again') AS failed,
           count(*) FILTER (WHERE r.status IN ('failed_again', 'succeeded')) AS settled
      FROM replay_runs run JOIN replays r ON r.run_id = run.id
     WHERE run.status IN ('running', 'paused') GROUP BY run.id`);
  for (const standing of standings) {
    if (failsTooOften(standing)) await stop(standing);
    else if (standing.waiting === 0 && standing.inFlight === 0)
      await db.rows(sql`
        UPDATE replay_runs SET status = 'completed', ended_at = now() WHERE id = ${standing.runId}::uuid AND status IN ('running', 'paused')`);
  }
}

/** Too many of those whose outcome is known failed again; a few outcomes of many still in flight prove nothing. */
export function failsTooOften({ failed, settled, inFlight, stopAbove }: Omit<Standing, "runId" | "waiting">): boolean {
  if (stopAbove === null || failed === 0) return false;
  if (settled < SAMPLE && inFlight > 0) return false;
  return (failed / settled) * 100 > stopAbove;
}

const stop = (standing: Standing) =>
  inTransaction(async (tx) => {
    const [open] = await tx.rows(
      sql`SELECT id FROM replay_runs WHERE id = ${standing.runId}::uuid AND status IN ('running', 'paused') FOR UPDATE`,
    );
    if (!open) return;
    const percent = Math.round((standing.failed / standing.settled) * 100);
    const reason = `${standing.failed} of ${standing.settled} failed again (${percent} %, the limit is ${standing.stopAbove} %)`;
    await endRun(tx, standing.runId, "stopped", reason);
  });

import type { RunRequest } from "#contracts/api/replays";
import type { ReplayKind } from "#contracts/vocabulary";
import type { Operation } from "#server/platform/act";
import { crashPoint } from "#server/platform/crash-point";
import type { Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { anyLetters, tellLetterNews } from "./letter-news.ts";
import { wakeSender } from "./wake-sender.ts";

export type PlannedRun = { id: string; kind: ReplayKind; letters: number; isExpired: boolean; status: string };

/** A plan as it lies there, locked until the act is over. @throws Problem 404, 409 when it is used or expired. */
export async function lockPlan(tx: Tx, planId: string): Promise<PlannedRun> {
  const [plan] = await tx.rows<PlannedRun>(sql`
    SELECT id, kind, letters, status, expires_at <= now() AS "isExpired" FROM replay_runs WHERE id = ${planId}::uuid FOR UPDATE`);
  if (!plan) throw new Problem(404, "plan_not_found", "There is no plan with this id.");
  if (plan.status !== "planned") throw new Problem(409, "plan_used", "This plan was accepted already.");
  if (plan.isExpired)
    throw new Problem(409, "plan_expired", "This plan has expired: letters may have changed. Plan again.");
  return plan;
}

/**
 * Turns a plan into a run. Only letters that are as they were when it was planned join it; the others are left out, each
 * with the reason. A letter in another run is never taken: its row says so at the moment of the write.
 * @throws Problem 409, 422 when nothing can be sent or a reason is missing.
 */
export async function acceptPlan(
  operation: Operation,
  request: RunRequest,
): Promise<{ runId: string; joined: number }> {
  const { tx, actor } = operation;
  const plan = await lockPlan(tx, request.planId);
  if ((request.force || request.overrideQuarantine) && !request.reason)
    throw new Problem(422, "reason_missing", "Say why: this run sends letters that are not safe, or were quarantined.");
  const joined = await claimLetters(tx, plan.id, request);
  if (joined === 0)
    throw new Problem(409, "nothing_to_send", `No letter of this plan can be sent: ${await reasonsOf(tx, plan.id)}.`);
  await tx.rows(sql`
    UPDATE replay_runs
       SET status = 'held', operation_id = ${operation.id}::uuid, name = ${request.name}, reason = ${request.reason ?? null},
           rate_per_second = ${request.ratePerSecond}, steps = ${request.steps}::int[], stop_above_percent = ${request.stopAbovePercent},
           accepted_by = ${actor.name}, accepted_at = now(), hold_until = now() + ${request.holdMs} * interval '1 millisecond'
     WHERE id = ${plan.id}::uuid`);
  operation.intend({
    action: `dead-letters:${plan.kind}`,
    subject: `run:${plan.id}`,
    reason: request.reason ?? request.name,
    after: { ...request, letters: joined },
  });
  await intendPerLetter(operation, plan);
  await tellLetterNews(tx, anyLetters(plan.id));
  await wakeSender(tx);
  crashPoint("accept:before-commit");
  return { runId: plan.id, joined };
}

/** Takes the letters, in the order of their ids so that two runs can't wait for each other. @returns how many joined. */
async function claimLetters(tx: Tx, runId: string, request: RunRequest): Promise<number> {
  const { force, overrideQuarantine } = request;
  // A statement of its own: the next one then sees what whoever held a row before has made of it.
  await tx.rows(sql`
    SELECT l.id FROM dead_letters l JOIN replays r ON r.letter_id = l.id WHERE r.run_id = ${runId}::uuid ORDER BY l.id FOR UPDATE OF l`);
  const [counts] = await tx.rows<{ joined: number }>(sql`
    WITH taken AS (
           UPDATE dead_letters l SET status = 'replaying', version = l.version + 1, replays = l.replays + 1
             FROM replays r
            WHERE r.run_id = ${runId}::uuid AND l.id = r.letter_id AND l.version = r.letter_version
              AND (l.status IN ('dead', 'uncertain', 'succeeded', 'redirected') OR (l.status = 'quarantined' AND ${overrideQuarantine}))
              AND (r.verdict = 'safe' OR ${force})
           RETURNING l.id),
         decided AS (
           UPDATE replays r
              SET status = CASE WHEN t.id IS NULL THEN 'skipped' ELSE 'waiting' END, letter_status = l.status, is_forced = t.id IS NOT NULL AND r.verdict <> 'safe',
                  detail = CASE WHEN t.id IS NOT NULL THEN NULL
                                WHEN l.version <> r.letter_version OR l.status = 'replaying' THEN coalesce(
                                  (SELECT 'already in run “' || o.name || '”' FROM replays other JOIN replay_runs o ON o.id = other.run_id
                                    WHERE other.letter_id = l.id AND other.status IN ('waiting', 'sent') LIMIT 1),
                                  'changed since it was planned')
                                WHEN l.status = 'quarantined' THEN 'quarantined after three replays'
                                ELSE r.verdict_reason END
             FROM dead_letters l LEFT JOIN taken t USING (id)
            WHERE r.run_id = ${runId}::uuid AND l.id = r.letter_id
           RETURNING r.status)
    SELECT count(*) FILTER (WHERE status = 'waiting') AS joined FROM decided`);
  return counts!.joined;
}

/** Why letters were left out, the most frequent first. */
async function reasonsOf(tx: Tx, runId: string): Promise<string> {
  const reasons = await tx.rows<{ detail: string }>(sql`
    SELECT detail FROM replays WHERE run_id = ${runId}::uuid AND status = 'skipped' GROUP BY detail ORDER BY count(*) DESC, detail LIMIT 3`);
  return reasons.map(({ detail }) => detail.replace(/\.$/, "")).join("; ") || "it holds none";
}

/** One line per letter under the run's operation, made by the database from what joined. */
const intendPerLetter = ({ tx, id, actor }: Operation, plan: PlannedRun) =>
  tx.rows(sql`
    INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject, after)
    SELECT ${id}::uuid, ${actor.name}, ${actor.role}, ${`dead-letters:${plan.kind}`}, 'intent', 'letter:' || letter_id,
           jsonb_build_object('replayId', id, 'run', run_id, 'verdict', verdict)
      FROM replays WHERE run_id = ${plan.id}::uuid AND status = 'waiting' ORDER BY position`);

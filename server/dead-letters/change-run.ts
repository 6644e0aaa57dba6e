import type { RunChange } from "#contracts/api/replays";
import { type RunStatus, runStatusLabels } from "#contracts/vocabulary";
import type { Operation } from "#server/platform/act";
import type { Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { anyLetters, tellLetterNews } from "./letter-news.ts";
import { wakeSender } from "./wake-sender.ts";

/** From which statuses each change is possible. */
const possible: Record<RunChange["action"], readonly RunStatus[]> = {
  pause: ["running", "held"],
  resume: ["paused"],
  start: ["held"],
  cancel: ["held", "running", "paused"],
  rate: ["held", "running", "paused"],
};

/**
 * Changes a run that is not over. The sender looks at the run's row, locked, before each of its small batches, so a
 * change holds within one of them, 100 ms or so.
 * @throws Problem 404, 409 when the run is over or does not allow it.
 */
export async function changeRun(operation: Operation, runId: string, change: RunChange): Promise<void> {
  const { tx } = operation;
  const [run] = await tx.rows<{ status: RunStatus; rate: number | null }>(
    sql`SELECT status, rate_per_second AS rate FROM replay_runs WHERE id = ${runId}::uuid FOR UPDATE`,
  );
  if (!run || run.status === "planned") throw new Problem(404, "run_not_found", "There is no run with this id.");
  if (!possible[change.action].includes(run.status))
    throw new Problem(
      409,
      "run_not_changeable",
      `The run is ${runStatusLabels[run.status].label.toLowerCase()}: it can't be changed this way any more.`,
    );
  switch (change.action) {
    case "pause":
      await setStatus(tx, runId, "paused");
      break;
    case "resume":
    case "start":
      await setStatus(tx, runId, "running");
      break;
    case "rate":
      await tx.rows(sql`UPDATE replay_runs SET rate_per_second = ${change.ratePerSecond} WHERE id = ${runId}::uuid`);
      break;
    case "cancel":
      await endRun(tx, runId, "cancelled", `cancelled by ${operation.actor.name}`);
  }
  await tellLetterNews(tx, anyLetters(runId));
  await wakeSender(tx);
  operation.intend({
    action: `runs:${change.action}`,
    subject: `run:${runId}`,
    before: { status: run.status, ratePerSecond: run.rate },
    after: change,
  });
}

const setStatus = (tx: Tx, runId: string, status: RunStatus) =>
  tx.rows(sql`
    UPDATE replay_runs SET status = ${status}, started_at = CASE WHEN ${status} = 'running' THEN coalesce(started_at, now()) ELSE started_at END
     WHERE id = ${runId}::uuid`);

/**
 * Ends a run early: every letter that has not left goes back to where it was, to the last one. Those under way go on to
 * their outcome. The caller has locked the run's row: nothing more is claimed meanwhile.
 */
export async function endRun(tx: Tx, runId: string, status: "cancelled" | "stopped", reason: string): Promise<void> {
  await returnLetters(tx, runId, reason);
  await tx.rows(sql`
    UPDATE replay_runs SET status = ${status}, ended_at = now(), stop_reason = ${reason} WHERE id = ${runId}::uuid`);
}

/** Gives back every letter of a run that was not claimed. */
export const returnLetters = (tx: Tx, runId: string, reason: string) =>
  tx.rows(sql`
    WITH left_behind AS (
           UPDATE replays SET status = 'cancelled', settled_at = now(), detail = ${reason}
            WHERE run_id = ${runId}::uuid AND status = 'waiting'
              AND position > (SELECT claimed_through FROM replay_runs WHERE id = ${runId}::uuid)
           RETURNING letter_id, letter_status)
    UPDATE dead_letters l
       SET status = b.letter_status, version = l.version + 1, replays = l.replays - 1
      FROM left_behind b WHERE l.id = b.letter_id`);

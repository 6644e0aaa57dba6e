import { leading } from "#server/messaging/leading";
import { db } from "#server/platform/db";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import { resolveEmptyGroups } from "./resolve-groups.ts";
import { BATCH, type Senders, sendNext } from "./send-replays.ts";
import { closeRuns, giveUpWaiting, recoverOrphans, settleReplays } from "./settle-replays.ts";
import { RUNS_CHANNEL } from "./wake-sender.ts";

/** Its name among the workers. */
export const REPLAY_SENDER = "send-replays";

/** Between two looks while something runs, ms; a pause or cancel holds within one. */
const TICK_MS = 100;
/** Between two looks while nothing runs, ms. */
const IDLE_MS = 500;
/** Letters per look of a run without a rate: others get their turn between two looks. */
const UNPACED = BATCH * 8;
/** A number nobody else locks: "replay sender". */
const SENDER_LOCK = 7_042_002;
const GIVE_UP_EVERY_MS = 60_000;

type ActiveRun = {
  id: string;
  rate: number | null;
  steps: number[];
  step: number;
  sent: number;
  open: number;
};

/**
 * Carries out accepted runs, in one process at a time (advisory lock): a second sender would break the rate. Runs are
 * independent of each other; each keeps its own rate.
 */
export function startReplays(senders: Senders): { stop(): Promise<void> } {
  return leading(
    SENDER_LOCK,
    REPLAY_SENDER,
    async (stopping) => {
      const paces = new Map<string, Pace>();
      let gaveUpAt = Number.NEGATIVE_INFINITY;
      const orphans = await recoverOrphans();
      if (orphans > 0) log().warn({ orphans }, "replays of a sender that died were judged");
      while (!stopping.aborted) {
        const { isBusy, moved } = await turn(paces, senders);
        if (performance.now() - gaveUpAt > GIVE_UP_EVERY_MS) {
          gaveUpAt = performance.now();
          await giveUpWaiting();
          await forgetPlans();
        }
        if (moved < BATCH) await stopping.pause(isBusy ? TICK_MS : IDLE_MS);
      }
    },
    RUNS_CHANNEL,
  );
}

/** One look at all runs. @returns whether any is not over, and how many letters left or were settled. */
export async function turn(paces: Map<string, Pace>, senders: Senders): Promise<{ isBusy: boolean; moved: number }> {
  await releaseHeld();
  const runs = await readActive();
  for (const id of paces.keys()) if (!runs.some((run) => run.id === id)) paces.delete(id);
  const sending = async () => {
    let left = 0;
    for (const run of runs) {
      const pace = paces.get(run.id) ?? new Pace();
      paces.set(run.id, pace);
      left += await advance(run, pace, senders);
    }
    return left;
  };
  const [left, settled] = await Promise.all([sending(), settleReplays()]);
  if (settled > 0) await resolveEmptyGroups(db);
  await closeRuns();
  return { isBusy: runs.length > 0 || (await isAnyOpen()), moved: left + settled };
}

/** @returns letters that left. */
async function advance(run: ActiveRun, pace: Pace, senders: Senders): Promise<number> {
  const room = Math.min(pace.allow(run.rate), await roomInStep(run));
  let left = 0;
  // The next batch leaves while the one before is written down; batches leave one after the other, as their letters stand.
  let marked = Promise.resolve();
  try {
    while (left < room) {
      const batch = await sendNext(run.id, room - left, senders);
      await marked;
      marked = batch.marked;
      pace.spend(batch.claimed);
      left += batch.claimed;
      if (batch.claimed < BATCH) break;
    }
  } finally {
    await marked;
  }
  return left;
}

/** How many may leave before the step's outcomes are known. Moves to the next step when all of them are. */
async function roomInStep({ id, steps, step, sent, open }: ActiveRun): Promise<number> {
  if (step >= steps.length) return Number.POSITIVE_INFINITY;
  const upToHere = steps.slice(0, step + 1).reduce((sum, size) => sum + size, 0);
  if (sent < upToHere) return upToHere - sent;
  if (open > 0) return 0;
  await db.rows(sql`UPDATE replay_runs SET step = ${step + 1} WHERE id = ${id}::uuid AND status = 'running'`);
  return 0;
}

/** A token bucket: a rate of 0.1 to 500 a second, held over seconds, without bursts after a pause. */
export class Pace {
  #tokens = 1;
  #at = performance.now();

  /** Letters that may leave now. */
  allow(ratePerSecond: number | null, now = performance.now()): number {
    const elapsedMs = now - this.#at;
    this.#at = now;
    if (ratePerSecond === null) return UNPACED;
    this.#tokens = Math.min(this.#tokens + (elapsedMs / 1_000) * ratePerSecond, Math.max(1, ratePerSecond));
    return Math.floor(this.#tokens);
  }

  spend(letters: number): void {
    this.#tokens -= letters;
  }
}

/** Runs whose hold is over begin. */
const releaseHeld = () =>
  db.rows(sql`
    UPDATE replay_runs SET status = 'running', started_at = now() WHERE status = 'held' AND hold_until <= now()`);

/** `sent` = left or on its way out, `open` = of these the outcome is awaited; counted for runs in steps only. */
const readActive = () =>
  db.rows<ActiveRun>(sql`
    SELECT run.id, run.rate_per_second AS rate, run.steps, run.step,
           count(*) FILTER (WHERE r.status NOT IN ('skipped', 'cancelled', 'planned') AND (r.status <> 'waiting' OR r.position <= run.claimed_through)) AS sent,
           count(*) FILTER (WHERE r.status = 'sent' OR r.status = 'waiting' AND r.position <= run.claimed_through) AS open
      FROM replay_runs run LEFT JOIN replays r ON r.run_id = run.id AND run.step < cardinality(run.steps)
     WHERE run.status = 'running' GROUP BY run.id ORDER BY run.started_at`);

/** Whether a run is held or paused, or an outcome is awaited. */
async function isAnyOpen(): Promise<boolean> {
  const [open] = await db.rows<{ isAny: boolean }>(sql`
    SELECT EXISTS (SELECT 1 FROM replay_runs WHERE status IN ('held', 'paused')) OR EXISTS (SELECT 1 FROM replays WHERE status = 'sent') AS "isAny"`);
  return open!.isAny;
}

/** Plans that nobody accepted say nothing to anybody once they have expired. */
const forgetPlans = () =>
  db.rows(sql`DELETE FROM replay_runs WHERE status = 'planned' AND expires_at < now() - interval '1 hour'`);

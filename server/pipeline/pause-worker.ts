import { eventReaders, queueReaders } from "#contracts/process-map";
import { WORKER_PAUSES_CHANNEL } from "#server/messaging/pause-workers";
import type { Operation } from "#server/platform/act";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";

/** Where a worker is seen; null = there is none of this name. */
export function workerHref(worker: string): string | null {
  if (eventReaders.some((reader) => reader.worker === worker)) return `/consumers/${env().TOPIC_PREFIX}${worker}`;
  const family = queueReaders.find((reader) => reader.worker === worker)?.queue;
  return family ? `/queues?family=${family}` : null;
}

/** From now on the worker takes nothing, in no process, also after a restart. Done twice it is the first one's pause. */
export async function pauseWorker(operation: Operation, worker: string, reason: string): Promise<void> {
  guardWorker(worker);
  const [paused] = await operation.tx.rows(sql`
    INSERT INTO worker_pauses (worker, reason, paused_by) VALUES (${worker}, ${reason}, ${operation.actor.name})
    ON CONFLICT DO NOTHING RETURNING worker`);
  operation.intend({
    action: "workers:pause",
    subject: `worker:${worker}`,
    reason,
    before: { isPaused: !paused },
    after: { isPaused: true },
  });
  if (paused) await tell(operation, { kind: "pause", label: `${worker} paused: ${reason}`, worker });
}

/** The worker goes on where it stopped. Of one that nobody paused nothing changes. */
export async function resumeWorker(operation: Operation, worker: string, reason: string): Promise<void> {
  guardWorker(worker);
  const [pause] = await operation.tx.rows<{ pausedBy: string; reason: string }>(sql`
    DELETE FROM worker_pauses WHERE worker = ${worker} RETURNING paused_by AS "pausedBy", reason`);
  operation.intend({
    action: "workers:resume",
    subject: `worker:${worker}`,
    reason,
    before: { isPaused: Boolean(pause), ...pause },
    after: { isPaused: false },
  });
  if (pause) await tell(operation, { kind: "resume", label: `${worker} resumed: ${reason}`, worker });
}

/** @throws Problem 404. */
function guardWorker(worker: string): void {
  if (!workerHref(worker))
    throw new Problem(404, "worker_not_found", `There is no worker called ${worker.slice(0, 100)}.`);
}

/** Marks the curves and wakes every worker process, both when the act commits. */
const tell = (operation: Operation, { kind, label, worker }: { kind: string; label: string; worker: string }) =>
  operation.tx.rows(sql`
    WITH mark AS (INSERT INTO pipeline_marks (kind, label, href) VALUES (${kind}, ${label}, ${workerHref(worker)}))
    SELECT pg_notify(${WORKER_PAUSES_CHANNEL}, ${worker})`);

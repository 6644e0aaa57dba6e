import { db } from "#server/platform/db";
import { listen } from "#server/platform/listen";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";

/** The channel that tells every worker process that a pause was set or lifted. */
export const WORKER_PAUSES_CHANNEL = "worker_pauses";
/** The safety net under lost wake-ups. */
const POLL_MS = 2_000;

type Stoppable = { stop(): Promise<void> };

/** A worker that may be told to wait: `start` joins its group or queue, and may be called again after a stop. */
export type Pausable = { worker: string; start(): Promise<Stoppable> };

export type PausableWorkers = {
  /** By what was last read of the database. */
  isPaused(worker: string): boolean;
  stop(): Promise<void>;
};

/**
 * Starts those workers that nobody has paused, and from then on stops and starts each as `worker_pauses` says: within a
 * second in every process, by NOTIFY, and within two by polling. A database that does not answer changes nothing.
 * @throws when the pauses can't be read in the beginning: what was paused must not run before that is known.
 */
export async function startPausable(pausables: readonly Pausable[]): Promise<PausableWorkers> {
  let paused = await readPauses();
  const isPaused = (worker: string) => paused.has(worker);
  const turnstiles = pausables.map((pausable) => turnstile(pausable, () => isPaused(pausable.worker)));
  await Promise.all(turnstiles.map(({ follow }) => follow()));

  const look = async () => {
    paused = await readPauses();
    for (const { worker, follow } of turnstiles)
      follow().catch((error: Error) =>
        log().warn({ worker, error: error.message }, "a worker could not follow its pause"),
      );
  };
  const watch = watchPauses(look);
  return {
    isPaused,
    async stop() {
      await watch.stop();
      await Promise.all(turnstiles.map(({ end }) => end()));
    },
  };
}

async function readPauses(): Promise<ReadonlySet<string>> {
  const rows = await db.rows<{ worker: string }>(sql`SELECT worker FROM worker_pauses`);
  return new Set(rows.map(({ worker }) => worker));
}

/** Starts and stops one worker, one step at a time: a pause that comes while it still joins waits until it has. */
function turnstile({ worker, start }: Pausable, isPaused: () => boolean) {
  let consumer: Stoppable | null = null;
  let isEnding = false;
  let turn: Promise<void> = Promise.resolve();
  let isQueued = false;

  const step = async () => {
    isQueued = false;
    const mayRun = !isEnding && !isPaused();
    if (mayRun && !consumer) {
      consumer = await start();
      log().info({ worker }, "a worker takes messages");
    } else if (!mayRun && consumer) {
      const running = consumer;
      consumer = null;
      await running.stop();
      log().info({ worker }, isEnding ? "a worker has stopped" : "a worker is paused");
    }
  };
  const follow = (): Promise<void> => {
    if (!isQueued) {
      isQueued = true;
      turn = turn.then(step, step);
    }
    return turn;
  };
  return {
    worker,
    follow,
    end(): Promise<void> {
      isEnding = true;
      return follow();
    },
  };
}

/** Calls `look` whenever a pause was set or lifted, and every two seconds; one look at a time. */
function watchPauses(look: () => Promise<void>): Stoppable {
  let looking = Promise.resolve();
  let isQueued = false;
  const lookAgain = () => {
    if (isQueued) return;
    isQueued = true;
    looking = looking
      .then(() => {
        isQueued = false;
        return look();
      })
      .catch((error: Error) => log().warn({ error: error.message }, "pauses of workers are not seen at the moment"));
  };
  const ear = listen("worker-pauses", { on: { [WORKER_PAUSES_CHANNEL]: lookAgain }, onGap: lookAgain });
  const timer = setInterval(lookAgain, POLL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await ear.stop();
      await looking;
    },
  };
}

import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";

/** How soon another process takes over from a leader that died, at the latest. */
const STANDBY_MS = 1_000;

/** Tells work that leads when to stop, and when there is something to do. */
export type Stopping = {
  readonly aborted: boolean;
  /** Waits; returns at once when it is time to stop, or when its channel rang since the last wait. */
  pause(ms: number): Promise<void>;
};

/**
 * Runs `work` in one process of all at a time: the one whose session holds the advisory lock. The others stand by. Work
 * that throws, or a lost session, gives the lock up; whoever gets it next begins from what is in the database.
 * @param work is called again each time the lock is won; it ends when `stopping.aborted`.
 * @param channel a NOTIFY on it ends a pause early. A lost one costs a pause, never work.
 */
export function leading(
  lock: number,
  what: string,
  work: (stopping: Stopping) => Promise<void>,
  channel?: string,
): { stop(): Promise<void> } {
  const ending = new AbortController();
  const running = (async () => {
    while (!ending.signal.aborted) await leadOnce(lock, what, work, ending.signal, channel);
  })();
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/** Whether some process leads this work now. */
export async function isLed(lock: number): Promise<boolean> {
  const rows = await db.rows(sql`
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = ${lock} AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  return rows.length > 0;
}

async function leadOnce(
  lock: number,
  what: string,
  work: (stopping: Stopping) => Promise<void>,
  ending: AbortSignal,
  channel: string | undefined,
): Promise<void> {
  const lost = new AbortController();
  const either = AbortSignal.any([ending, lost.signal]);
  const bell = new Bell(either);
  const stopping: Stopping = {
    get aborted() {
      return either.aborted;
    },
    pause: (ms) => bell.wait(ms),
  };
  const session = new pg.Client({ connectionString: env().DATABASE_URL, application_name: what });
  session.on("notification", () => bell.ring());
  session.on("error", () => lost.abort());
  session.on("end", () => lost.abort());
  try {
    await session.connect();
    while (!stopping.aborted) {
      const { rows } = await session.query("SELECT pg_try_advisory_lock($1) AS leads", [lock]);
      if (rows[0].leads) {
        if (channel) await session.query(`LISTEN ${channel}`);
        await work(stopping);
        return;
      }
      await stopping.pause(STANDBY_MS);
    }
  } catch (error) {
    log().warn({ error: (error as Error).message }, `the ${what} pauses`);
    await wait(STANDBY_MS, undefined, { signal: ending }).catch(() => {});
  } finally {
    await session.end().catch(() => {});
  }
}

/** Something to wait at: until it rings, the time is over or the end has come. */
class Bell {
  readonly #ending: AbortSignal;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(ending: AbortSignal) {
    this.#ending = ending;
    ending.addEventListener("abort", () => this.ring());
  }

  /** A ring while nobody waits is not lost: the next wait returns at once. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (!this.#rung && !this.#ending.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}

import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** The channel that tells the sender of replays of a run that began or was changed. */
export const RUNS_CHANNEL = "replay_runs";

/** Tells the sender, wherever it runs, when the transaction commits. A lost wake-up costs one of its pauses. */
export const wakeSender = (db: Db) => db.rows(sql`SELECT pg_notify(${RUNS_CHANNEL}, '')`);

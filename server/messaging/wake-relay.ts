import { db } from "#server/platform/db";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";

/** The channel that tells the relay of new rows. */
export const OUTBOX_CHANNEL = "outbox";

const DEBOUNCE_MS = 15;
let scheduled = false;

/**
 * Tells the relay, wherever it runs, that the outbox has new rows: one NOTIFY per 15 ms at most, in a statement of its
 * own. NOTIFY inside the checkout transaction would cost half its rate (it takes a database-wide lock at commit).
 * A lost wake-up costs one poll period, never a message.
 */
export function wakeRelay(): void {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    db.rows(sql`SELECT pg_notify(${OUTBOX_CHANNEL}, '')`).catch((error: Error) =>
      log().debug({ error: error.message }, "the relay was not woken; it will poll"),
    );
  }, DEBOUNCE_MS).unref();
}

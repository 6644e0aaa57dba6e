import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** A group with nothing left to do is resolved by itself; it opens again when its cause comes back. */
export const resolveEmptyGroups = (tx: Db) =>
  tx.rows(sql`
    UPDATE dead_letter_groups g SET status = 'resolved', status_changed_at = now()
     WHERE g.status IN ('open', 'acknowledged')
       AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.group_id = g.id AND l.status IN ('dead', 'replaying', 'uncertain', 'quarantined'))`);

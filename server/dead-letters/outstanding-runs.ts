import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** The runs in which these letters are under way, by name, with how many of them each has. */
export const outstandingRuns = (db: Db, letterIds: readonly string[]): Promise<{ name: string; letters: number }[]> =>
  db.rows<{ name: string; letters: number }>(sql`
    SELECT run.name, count(*) AS letters
      FROM replays r JOIN replay_runs run ON run.id = r.run_id
     WHERE r.letter_id = ANY(${letterIds}::uuid[]) AND r.status IN ('waiting', 'sent')
     GROUP BY run.id, run.name ORDER BY letters DESC, run.name`);

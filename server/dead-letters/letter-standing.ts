import type { LettersFrame } from "#contracts/api/letter-frames";
import { waitingStatuses } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { readInBrokers } from "./group-surroundings.ts";

/** How many letters wait or are on their way, read from an index alone; what was settled before costs nothing. */
export async function readStanding(): Promise<Pick<LettersFrame, "counts" | "inBrokers">> {
  const [rows, rabbitmq] = await Promise.all([
    db.rows<{ status: string; letters: number }>(sql`
      SELECT status, count(*) AS letters FROM dead_letters WHERE status = ANY(${waitingStatuses}::text[]) GROUP BY status ORDER BY status`),
    readInBrokers(db),
  ]);
  return { counts: Object.fromEntries(rows.map(({ status, letters }) => [status, letters])), inBrokers: { rabbitmq } };
}

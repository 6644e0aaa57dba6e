import type { Death, LetterDetail, LetterOrigin, ShownBytes, StoredHeader } from "#contracts/api/dead-letters";
import type { ReplayStatus } from "#contracts/vocabulary";
import { EARLIER_FAILURES_HEADER, readEarlierFailures } from "#server/messaging/earlier-failures";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { SHOWN_TEXT_BYTES, showBytes } from "./show-bytes.ts";

/** Of a letter that died more often, the newest are shown. */
const SHOWN_DEATHS = 100;

const iso = (date: Date) => date.toISOString();
const isoOrNull = (date: Date | null) => date?.toISOString() ?? null;

/** The latest death as a replay would take it: its bytes as they can be shown, never more than that of them. */
export type LatestDeath = {
  key: ShownBytes | null;
  body: ShownBytes;
  headers: StoredHeader[];
  properties: Record<string, unknown>;
};

export async function readLatestDeath(db: Db, letterId: string): Promise<LatestDeath> {
  type Row = { key: Buffer | null; body: Buffer | null; bytes: number; isKafka: boolean; headers: StoredHeader[] };
  const [row] = await db.rows<Row & Pick<LatestDeath, "properties">>(sql`
    SELECT substring(key FOR ${SHOWN_TEXT_BYTES}) AS key, substring(body FOR ${SHOWN_TEXT_BYTES}) AS body,
           coalesce(octet_length(body), 0) AS bytes, origin ? 'topic' AS "isKafka", headers, properties
      FROM dead_letter_deaths WHERE letter_id = ${letterId}::uuid ORDER BY id DESC LIMIT 1`);
  if (!row) return { key: null, body: showBytes(null), headers: [], properties: {} };
  const { key, body, bytes, isKafka, headers, properties } = row;
  return { key: isKafka ? showBytes(key) : null, body: showBytes(body, bytes), headers, properties };
}

/** How a letter died each time, oldest first. */
export async function listDeaths(db: Db, letterId: string): Promise<Death[]> {
  type Row = Omit<Death, "firstFailedAt" | "failedAt" | "deadLetterPosition" | "earlierAttempts"> & {
    earlier: string | null;
    firstFailedAt: Date;
    failedAt: Date;
    topic: string | null;
    partition: number;
    offset: string;
    origin: LetterOrigin;
  };
  const rows = await db.rows<Row>(sql`
    SELECT * FROM (
      SELECT (row_number() OVER (ORDER BY id))::int AS number, origin, dead_letter_topic AS topic, dead_letter_partition AS partition,
             dead_letter_offset::text AS offset, error_class AS "errorClass", error_message AS "errorMessage", error_stack AS "errorStack",
             worker, worker_version AS "workerVersion", attempts, first_failed_at AS "firstFailedAt", failed_at AS "failedAt",
             replay_id AS "replayId",
             (SELECT h ->> 1 FROM jsonb_array_elements(headers) WITH ORDINALITY AS each (h, n)
               WHERE attempts > 1 AND h ->> 0 = ${EARLIER_FAILURES_HEADER} AND h ->> 2 = 'utf8' ORDER BY n DESC LIMIT 1) AS earlier
        FROM dead_letter_deaths WHERE letter_id = ${letterId}::uuid ORDER BY id DESC LIMIT ${SHOWN_DEATHS}) AS latest
     ORDER BY number`);
  return rows.map(({ topic, partition, offset, earlier, firstFailedAt, failedAt, ...row }) => ({
    ...row,
    earlierAttempts: readEarlierFailures(earlier ?? undefined).map(({ message, stack, ...attempt }) => ({
      ...attempt,
      errorMessage: message,
      errorStack: stack,
    })),
    deadLetterPosition: topic === null ? null : { topic, partition, offset },
    firstFailedAt: iso(firstFailedAt),
    failedAt: iso(failedAt),
  }));
}

/** What operators wrote in a letter's place, oldest first. */
export async function listEdits(db: Db, letterId: string): Promise<LetterDetail["edits"]> {
  type Row = Omit<LetterDetail["edits"][number], "body" | "createdAt"> & { body: Buffer; createdAt: Date };
  const rows = await db.rows<Row>(sql`
    SELECT number, body, headers, reason, actor, created_at AS "createdAt"
      FROM dead_letter_edits WHERE letter_id = ${letterId}::uuid ORDER BY number`);
  return rows.map(({ body, createdAt, ...row }) => ({ ...row, body: showBytes(body), createdAt: iso(createdAt) }));
}

/** The letter's part in runs, oldest first. Plans that nobody accepted are no part of its history. */
export async function listReplays(db: Db, letterId: string): Promise<LetterDetail["replays"]> {
  type Row = Omit<LetterDetail["replays"][number], "sentAt" | "settledAt"> & {
    status: ReplayStatus;
    sentAt: Date | null;
    settledAt: Date | null;
  };
  const rows = await db.rows<Row>(sql`
    SELECT r.id AS "replayId", r.run_id AS "runId", run.name AS "runName", r.status, r.detail, e.number AS "editNumber",
           r.sent_at AS "sentAt", r.settled_at AS "settledAt"
      FROM replays r JOIN replay_runs run ON run.id = r.run_id LEFT JOIN dead_letter_edits e ON e.id = r.edit_id
     WHERE r.letter_id = ${letterId}::uuid AND r.status <> 'planned' ORDER BY run.accepted_at, r.id`);
  return rows.map(({ sentAt, settledAt, ...row }) => ({
    ...row,
    sentAt: isoOrNull(sentAt),
    settledAt: isoOrNull(settledAt),
  }));
}

import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import type { Purge, PurgeAsk, PurgeDecision } from "#contracts/api/replays";
import type { Operation } from "#server/platform/act";
import type { Db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { anyLetters, tellLetterNews } from "./letter-news.ts";
import { selectLetters } from "./plan-replays.ts";
import { resolveEmptyGroups } from "./resolve-groups.ts";

/** Somebody else has so long to agree. */
const DECIDE_WITHIN_MS = 24 * 3_600_000;

type PurgeRow = z.infer<typeof Purge>;

/**
 * Asks for letters to be removed for good. Nothing goes until another person agrees.
 * @throws Problem 422 when the count typed by hand is not that of the selection.
 */
export async function askForPurge(operation: Operation, ask: z.infer<typeof PurgeAsk>): Promise<PurgeRow> {
  const { tx, actor } = operation;
  const ids = await selectLetters(tx, ask.selection);
  const rows = await tx.rows<{ id: string }>(
    sql`SELECT id FROM dead_letters WHERE id = ANY(${ids}::uuid[]) AND status <> 'replaying'`,
  );
  if (rows.length === 0) throw new Problem(404, "nothing_selected", "No dead letter is selected.");
  if (rows.length !== ask.typedCount)
    throw new Problem(422, "count_wrong", `${rows.length} letters would be purged, not ${ask.typedCount}.`);
  const purgeId = uuidv7();
  await tx.rows(sql`
    INSERT INTO purge_requests (id, operation_id, letter_ids, letters, reason, requested_by, expires_at)
    VALUES (${purgeId}::uuid, ${operation.id}::uuid, ${rows.map(({ id }) => id)}::uuid[], ${rows.length}, ${ask.reason}, ${actor.name},
            now() + ${DECIDE_WITHIN_MS} * interval '1 millisecond')`);
  await tellLetterNews(tx, anyLetters());
  operation.intend({
    action: "dead-letters:purge",
    subject: `purge:${purgeId}`,
    reason: ask.reason,
    after: { letters: rows.length },
  });
  return readPurge(tx, purgeId);
}

/**
 * The second person's word. Approved: the letters that are as they were when it was asked for are gone, but for what the
 * audit says of them; the purge then tells how many these were.
 * @throws Problem 404; 403 for the one who asked; 409 when it is decided or too late; 422 for a wrong count.
 */
export async function decidePurge(
  operation: Operation,
  purgeId: string,
  { decision, typedCount }: z.infer<typeof PurgeDecision>,
): Promise<PurgeRow> {
  const { tx, actor } = operation;
  const [purge] = await tx.rows<{
    letters: number;
    requestedBy: string;
    status: string;
    isLate: boolean;
    reason: string;
  }>(sql`
    SELECT letters, requested_by AS "requestedBy", status, expires_at <= now() AS "isLate", reason FROM purge_requests WHERE id = ${purgeId}::uuid FOR UPDATE`);
  if (!purge) throw new Problem(404, "purge_not_found", "There is no purge with this id.");
  if (purge.status !== "requested" || purge.isLate) throw new Problem(409, "purge_decided", "This purge is over.");
  if (decision === "approve") {
    if (purge.requestedBy === actor.name)
      throw new Problem(403, "second_person_needed", "Somebody else has to agree to a purge you asked for.");
    if (typedCount !== purge.letters)
      throw new Problem(422, "count_wrong", `${purge.letters} letters would be purged, not ${typedCount ?? "none"}.`);
  }
  const letters = decision === "approve" ? await removeUnchanged(operation, purgeId, purge.reason) : purge.letters;
  await tx.rows(sql`
    UPDATE purge_requests
       SET status = ${decision === "approve" ? "done" : "refused"}, letters = ${letters}, decided_by = ${actor.name}, decided_at = now()
     WHERE id = ${purgeId}::uuid`);
  await tellLetterNews(tx, anyLetters());
  operation.intend({ action: `purges:${decision}`, subject: `purge:${purgeId}`, after: { letters } });
  return readPurge(tx, purgeId);
}

/**
 * Removes the letters of a purge to which nothing has happened since it was asked for. Whatever an operator or a run does
 * to a letter is in the audit; beside that it can die and succeed. @returns how many are gone.
 */
async function removeUnchanged({ tx, id, actor }: Operation, purgeId: string, reason: string): Promise<number> {
  // A statement of its own: the next one then sees what whoever held a row before has made of it.
  await tx.rows(sql`
    SELECT id FROM dead_letters WHERE id = ANY((SELECT letter_ids FROM purge_requests WHERE id = ${purgeId}::uuid)::uuid[])
     ORDER BY id FOR UPDATE`);
  const [removed] = await tx.rows<{ letters: number }>(sql`
    WITH gone AS (
           DELETE FROM dead_letters l USING purge_requests p
            WHERE p.id = ${purgeId}::uuid AND l.id = ANY(p.letter_ids) AND l.status <> 'replaying'
              AND (l.settled_at IS NULL OR l.settled_at < p.requested_at)
              AND NOT EXISTS (SELECT 1 FROM audit_entries WHERE subject = 'letter:' || l.id AND occurred_at >= p.requested_at)
              AND NOT EXISTS (SELECT 1 FROM dead_letter_deaths WHERE letter_id = l.id AND collected_at >= p.requested_at)
           RETURNING l.id, l.status, l.identity, l.order_id, l.error_class),
         noted AS (
           INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject, reason, before)
           SELECT ${id}::uuid, ${actor.name}, ${actor.role}, 'dead-letters:purge', 'intent', 'letter:' || g.id, ${reason},
                  jsonb_build_object('status', g.status, 'identity', g.identity, 'orderId', g.order_id, 'error', g.error_class)
             FROM gone g)
    SELECT count(*) AS letters FROM gone`);
  await resolveEmptyGroups(tx);
  return removed!.letters;
}

type Dated = Omit<PurgeRow, "requestedAt" | "expiresAt"> & { requestedAt: Date; expiresAt: Date };

const shown = (row: Dated): PurgeRow => ({
  ...row,
  requestedAt: row.requestedAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
});

async function readPurge(db: Db, purgeId: string): Promise<PurgeRow> {
  const [row] = await db.rows<Dated>(sql`
    SELECT id AS "purgeId", letters, reason, status, requested_by AS "requestedBy", requested_at AS "requestedAt", decided_by AS "decidedBy", expires_at AS "expiresAt"
      FROM purge_requests WHERE id = ${purgeId}::uuid`);
  return shown(row!);
}

/** Purges of the last days, newest first; one that nobody decided in time reads as expired. */
export async function listPurges(db: Db): Promise<PurgeRow[]> {
  const rows = await db.rows<Dated>(sql`
    SELECT id AS "purgeId", letters, reason, CASE WHEN status = 'requested' AND expires_at <= now() THEN 'expired' ELSE status END AS status,
           requested_by AS "requestedBy", requested_at AS "requestedAt", decided_by AS "decidedBy", expires_at AS "expiresAt"
      FROM purge_requests ORDER BY requested_at DESC LIMIT 50`);
  return rows.map(shown);
}

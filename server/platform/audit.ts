import { type Db, db } from "./db.ts";
import { sql } from "./sql.ts";

/** Who acts: a person with a role, or a part of the product by its name. */
export type Actor = { name: string; role: string };

/** One line of the audit to be. `subject` is `<kind>:<id>`, e.g. `run:…`. */
export type AuditNote = {
  operationId: string;
  actor: Actor;
  action: string;
  stage: "intent" | "outcome" | "denied";
  subject: string;
  reason?: string | null;
  before?: unknown;
  after?: unknown;
};

/** Adds lines to the audit. For an intent: inside the transaction that changes the state, so that one never stands alone. */
export async function writeAudit(tx: Db, notes: readonly AuditNote[]): Promise<void> {
  if (notes.length === 0) return;
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  await tx.rows(sql`
    INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject, reason, before, after)
    SELECT operation_id, actor, role, action, stage, subject, reason, before::jsonb, after::jsonb
      FROM unnest(${notes.map((n) => n.operationId)}::uuid[], ${notes.map((n) => n.actor.name)}::text[], ${notes.map((n) => n.actor.role)}::text[],
                  ${notes.map((n) => n.action)}::text[], ${notes.map((n) => n.stage)}::text[], ${notes.map((n) => n.subject)}::text[],
                  ${notes.map((n) => n.reason ?? null)}::text[], ${notes.map((n) => json(n.before))}::text[], ${notes.map((n) => json(n.after))}::text[])
        AS a(operation_id, actor, role, action, stage, subject, reason, before, after)`);
}

/** Which letter was purged, when, and by whom as the second of two people. */
export type Purge = { letterId: string; purgedAt: string; by: string; reason: string | null };

/** Of these letters those that two people had purged, by id: gone on purpose, and no longer to be found elsewhere. */
export async function purgedOf(tx: Db, letterIds: readonly string[]): Promise<Map<string, Purge>> {
  if (letterIds.length === 0) return new Map();
  const rows = await tx.rows<Omit<Purge, "purgedAt"> & { purgedAt: Date }>(sql`
    SELECT DISTINCT ON (subject) substr(subject, ${"letter:".length + 1}) AS "letterId", occurred_at AS "purgedAt", actor AS by, reason
      FROM audit_entries
     WHERE subject = ANY(${letterIds.map((id) => `letter:${id}`)}::text[]) AND action = 'dead-letters:purge' AND stage = 'intent'
     ORDER BY subject, id DESC`);
  return new Map(rows.map((row) => [row.letterId, { ...row, purgedAt: row.purgedAt.toISOString() }]));
}

/** Notes an attempt that was denied. Never fails its caller: the refusal stands also when it can't be written down. */
export const auditDenied = (note: Omit<AuditNote, "stage">): Promise<void> =>
  writeAudit(db, [{ ...note, stage: "denied" }]).catch(() => {});

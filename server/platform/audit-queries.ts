import type { AuditEntry, AuditList, AuditQuery } from "#contracts/api/audit";
import { db } from "./db.ts";
import { Problem } from "./problem.ts";
import { sql } from "./sql.ts";

/**
 * The audit, newest first, by keyset. `actor` is part of a name, `action` and `subject` are beginnings.
 * @throws Problem 400 for a cursor that is none of ours.
 */
export async function listAudit({ cursor, limit, ...filter }: AuditQuery): Promise<AuditList> {
  const { actor = null, action = null, subject = null, operationId = null, stage = null } = filter;
  const before = readCursor(cursor);
  type Row = Omit<AuditEntry, "occurredAt"> & { occurredAt: Date };
  const rows = await db.rows<Row>(sql`
    SELECT id, operation_id AS "operationId", occurred_at AS "occurredAt", actor, role, action, stage, subject, reason, before, after
      FROM audit_entries
     WHERE (${actor}::text IS NULL OR position(lower(${actor}) IN lower(actor)) > 0)
       AND (${action}::text IS NULL OR starts_with(action, ${action}))
       AND (${subject}::text IS NULL OR starts_with(subject, ${subject}))
       AND (${operationId}::uuid IS NULL OR operation_id = ${operationId}::uuid)
       AND (${stage}::text IS NULL OR stage = ${stage})
       AND (${before?.at ?? null}::timestamptz IS NULL OR (occurred_at, id) < (${before?.at ?? null}::timestamptz, ${before?.id ?? null}::bigint))
     ORDER BY occurred_at DESC, id DESC LIMIT ${limit}`);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    entries: rows.map(({ occurredAt, ...row }) => ({ ...row, occurredAt: occurredAt.toISOString() })),
    nextCursor: last ? Buffer.from(`${last.occurredAt.toISOString()} ${last.id}`).toString("base64url") : null,
  };
}

const cursorPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\d{1,15})$/;

function readCursor(cursor: string | undefined): { at: string; id: number } | null {
  if (!cursor) return null;
  const [, at = "", id] = cursorPattern.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (Number.isNaN(Date.parse(at)))
    throw new Problem(400, "cursor_not_valid", "This cursor is not from an earlier page.");
  return { at, id: Number(id) };
}

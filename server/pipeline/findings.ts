import { letterIdFor } from "#contracts/letter-ids";
import type { FindingKind } from "#contracts/vocabulary";
import { purgedOf } from "#server/platform/audit";
import { db } from "#server/platform/db";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";

/** What the audit calls it when somebody sends a finding again. */
export const RE_EMIT_ACTION = "findings:re-emit";

/** Something that may be missing. One open finding per kind and subject, however often it is seen. */
export type Suspect = {
  kind: FindingKind;
  orderId: string;
  /** What exactly: `<order>#<seq>`, `<worker>/<message>/<fact>`, or the order. */
  subject: string;
  detail: string;
};

/** Opens findings for what is not open yet. @returns how many are new. */
export async function openFindings(suspects: readonly Suspect[]): Promise<number> {
  if (suspects.length === 0) return 0;
  const opened = await db.rows<{ kind: string; subject: string }>(sql`
    INSERT INTO findings (id, kind, order_id, subject, detail)
    SELECT gen_random_uuid(), kind, order_id, subject, detail
      FROM unnest(${suspects.map(({ kind }) => kind)}::text[], ${suspects.map(({ orderId }) => orderId)}::uuid[],
                  ${suspects.map(({ subject }) => subject)}::text[], ${suspects.map(({ detail }) => detail)}::text[])
        AS s(kind, order_id, subject, detail)
    ON CONFLICT (kind, subject) WHERE resolved_at IS NULL DO NOTHING
    RETURNING kind, subject`);
  for (const finding of opened) log().error(finding, "the reconciler found something missing");
  return opened.length;
}

/**
 * Resolves what is not missing any more: the event is on Kafka, the job is done or dead, the order moves.
 * @param unshipped orders that are still paid and not shipped, with nothing under way.
 */
export async function resolveFindings(unshipped: readonly string[]): Promise<void> {
  const purged = await purgedJobs();
  await db.rows(sql`
    WITH judged AS (
      SELECT f.id, CASE
               WHEN f.kind = 'event_not_in_kafka' AND EXISTS (
                 SELECT 1 FROM outbox o WHERE o.key = f.order_id::text AND o.topic = 'order.events'
                    AND o.seq = split_part(f.subject, '#', 2)::int AND o.sent_at IS NOT NULL) THEN 'Kafka has it now.'
               WHEN f.kind = 'job_lost' AND EXISTS (
                 SELECT 1 FROM inbox i WHERE i.consumer = split_part(f.subject, '/', 1)
                    AND i.message_id = split_part(f.subject, '/', 2)::uuid) THEN 'The job is done.'
               WHEN f.kind = 'job_lost' AND EXISTS (
                 SELECT 1 FROM dead_letters l WHERE l.consumer = split_part(f.subject, '/', 1)
                    AND l.message_id = split_part(f.subject, '/', 2)::uuid) THEN 'The job is a dead letter.'
               WHEN f.kind = 'job_lost' AND f.subject = ANY(${purged}::text[]) THEN 'Its dead letter was purged.'
               WHEN f.kind = 'paid_not_shipped' AND f.subject <> ALL(${unshipped}::text[])
                 THEN 'The order is ' || coalesce((SELECT status FROM orders WHERE id = f.order_id), 'gone') || ', or something is under way.'
             END AS resolution
        FROM findings f WHERE f.resolved_at IS NULL)
    UPDATE findings f SET resolved_at = now(), resolution = j.resolution
      FROM judged j WHERE f.id = j.id AND j.resolution IS NOT NULL`);
}

/** The subjects of open findings whose jobs are gone on purpose. */
async function purgedJobs(): Promise<string[]> {
  const rows = await db.rows<{ subject: string }>(
    sql`SELECT subject FROM findings WHERE kind = 'job_lost' AND resolved_at IS NULL`,
  );
  const letterOf = (subject: string) => {
    const [worker, messageId] = subject.split("/");
    return letterIdFor(worker!, messageId!);
  };
  const purged = await purgedOf(
    db,
    rows.map(({ subject }) => letterOf(subject)),
  );
  return rows.map(({ subject }) => subject).filter((subject) => purged.has(letterOf(subject)));
}

/** The place in the history that a missing event's subject names. */
export const seqOf = (subject: string): number => Number(subject.split("#")[1]);

import type { StoredHeader } from "#contracts/api/dead-letters";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** A message to be delivered to one worker later: the retry of a Kafka message, or a note to itself. */
export type NewReminder = {
  consumer: string;
  messageId: string;
  /** Milliseconds from now, already scaled. */
  dueInMs: number;
  attempts?: number;
  lastError?: string;
  position?: { topic: string; partition: number; offset: string };
  key?: Buffer | null;
  value: Buffer;
  /** In order and with duplicates; a plain object where neither matters. */
  headers: Record<string, string> | readonly StoredHeader[];
};

/** Stores reminders; one that stands already for the same consumer and message is moved to the new time. */
export async function writeReminders(tx: Pick<Tx, "rows">, reminders: readonly NewReminder[]): Promise<void> {
  if (reminders.length === 0) return;
  await tx.rows(sql`
    INSERT INTO reminders (consumer, message_id, due_at, attempts, last_error, topic, partition, "offset", key, value, headers)
    SELECT consumer, message_id, now() + due_in_ms * interval '1 millisecond', attempts, last_error, topic, partition, "offset", key, value, headers::jsonb
      FROM unnest(${reminders.map((r) => r.consumer)}::text[], ${reminders.map((r) => r.messageId)}::uuid[],
                  ${reminders.map((r) => r.dueInMs)}::float8[], ${reminders.map((r) => r.attempts ?? 0)}::int[],
                  ${reminders.map((r) => r.lastError ?? null)}::text[], ${reminders.map((r) => r.position?.topic ?? null)}::text[],
                  ${reminders.map((r) => r.position?.partition ?? null)}::int[], ${reminders.map((r) => r.position?.offset ?? null)}::bigint[],
                  ${reminders.map((r) => r.key ?? null)}::bytea[], ${reminders.map((r) => r.value)}::bytea[],
                  ${reminders.map((r) => JSON.stringify(r.headers))}::text[])
        AS r(consumer, message_id, due_in_ms, attempts, last_error, topic, partition, "offset", key, value, headers)
    ON CONFLICT (consumer, message_id) DO UPDATE
      SET due_at = excluded.due_at, value = excluded.value, headers = excluded.headers, attempts = excluded.attempts, last_error = excluded.last_error`);
}

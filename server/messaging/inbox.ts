import type { Db, Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/**
 * Writes the inbox rows of a batch and tells which messages are new to this consumer.
 * Must be the first statement of the transaction: of 100 parallel deliveries of one message, 99 wait here for the
 * first one's commit and then find its row. Rows are inserted in id order, so that two batches can't wait in a circle.
 */
export async function enterInbox(tx: Tx, consumer: string, messageIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.rows<{ message_id: string }>(sql`
    INSERT INTO inbox (consumer, message_id)
    SELECT ${consumer}, id FROM unnest(${[...messageIds].sort()}::uuid[]) AS m(id)
    ON CONFLICT DO NOTHING
    RETURNING message_id`);
  return new Set(rows.map((row) => row.message_id));
}

/** The messages among these whose effects are in the database already. A hint only: `enterInbox` decides. */
export async function findProcessed(db: Db, consumer: string, messageIds: readonly string[]): Promise<Set<string>> {
  const rows = await db.rows<{ message_id: string }>(sql`
    SELECT message_id FROM inbox WHERE consumer = ${consumer} AND message_id = ANY(${messageIds}::uuid[])`);
  return new Set(rows.map((row) => row.message_id));
}

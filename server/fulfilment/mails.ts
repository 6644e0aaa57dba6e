import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

export type SentMail = { orderId: string; kind: string; messageId: string; recipient: string; subject: string };

/** Notes mails the SMTP server took; one per order and kind. */
export async function recordMails(tx: Tx, mails: readonly SentMail[]): Promise<void> {
  await tx.rows(sql`
    INSERT INTO mails (order_id, kind, message_id, recipient, subject)
    SELECT * FROM unnest(${mails.map((mail) => mail.orderId)}::uuid[], ${mails.map((mail) => mail.kind)}::text[], ${mails.map((mail) => mail.messageId)}::text[],
                         ${mails.map((mail) => mail.recipient)}::text[], ${mails.map((mail) => mail.subject)}::text[])
    ON CONFLICT DO NOTHING`);
}

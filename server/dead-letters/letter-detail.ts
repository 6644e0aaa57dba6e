import type { LetterDetail } from "#contracts/api/dead-letters";
import type { MailKind, OrderStatus } from "#contracts/vocabulary";
import { type Db, db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { customerSees } from "./customer-sees.ts";
import { editableHeaders } from "./editable-headers.ts";
import { judge } from "./judge-replays.ts";
import { listDeaths, listEdits, listReplays, readLatestDeath } from "./letter-history.ts";
import { readLetters } from "./letter-queries.ts";
import { uuidPattern } from "./letter-search.ts";
import { messageSchema } from "./message-schema.ts";

const gone = () => new Problem(404, "letter_not_found", "There is no dead letter with this id.");

/**
 * Everything one page tells of one letter.
 * @param id the letter's, or its message's: of several workers' letters the one that waits, then the one that died last.
 * @throws Problem 404.
 */
export async function getLetterDetail(id: string): Promise<LetterDetail> {
  const found = await findLetter(db, id);
  if (!found) throw gone();
  const { letterId } = found;
  const [letters, latest, deaths, edits, replays, verdicts, order, endpoint] = await Promise.all([
    readLetters(db, [letterId]),
    readLatestDeath(db, letterId),
    listDeaths(db, letterId),
    listEdits(db, letterId),
    listReplays(db, letterId),
    judge(db, [letterId]),
    found.orderId === null ? null : readOrder(db, found.orderId, letterId),
    found.endpointId === null ? null : readEndpoint(db, found.endpointId),
  ]);
  const [letter] = letters;
  const verdict = verdicts.get(letterId);
  // Purged while we looked.
  if (!letter || !verdict) throw gone();
  const headers = editableHeaders(latest.headers);
  const schema = messageSchema(letter.messageType);
  return { letter, ...latest, deaths, edits, replays, verdict, editableHeaders: headers, schema, order, endpoint };
}

/** The bytes of a letter's latest death, all of them. @throws Problem 404, also for a tombstone. */
export async function getLetterBody(id: string): Promise<{ letterId: string; body: Buffer }> {
  const found = await findLetter(db, id);
  if (!found) throw gone();
  const [row] = await db.rows<{ body: Buffer | null }>(sql`
    SELECT body FROM dead_letter_deaths WHERE letter_id = ${found.letterId}::uuid ORDER BY id DESC LIMIT 1`);
  if (!row?.body) throw new Problem(404, "no_bytes", "This message has no bytes: it is a tombstone.");
  return { letterId: found.letterId, body: row.body };
}

type FoundLetter = { letterId: string; orderId: string | null; endpointId: string | null };

async function findLetter(db: Db, id: string): Promise<FoundLetter | null> {
  if (!uuidPattern.test(id)) return null;
  const [found] = await db.rows<FoundLetter>(sql`
    SELECT id AS "letterId", order_id AS "orderId", endpoint_id AS "endpointId"
      FROM dead_letters WHERE id = ${id}::uuid OR message_id = ${id}::uuid
     ORDER BY id = ${id}::uuid DESC, status IN ('dead', 'uncertain', 'quarantined') DESC, died_at DESC, id LIMIT 1`);
  return found ?? null;
}

type Mails = { kind: MailKind; sentAt: string }[];

/** Null where the order is none of ours. */
async function readOrder(db: Db, orderId: string, letterId: string): Promise<LetterDetail["order"]> {
  type Row = { number: number; status: OrderStatus; placedAt: Date; chargedAt: Date | null; mails: Mails };
  const [row] = await db.rows<Row & Pick<NonNullable<LetterDetail["order"]>, "letters">>(sql`
    SELECT o.number, o.status, o.placed_at AS "placedAt",
           (SELECT settled_at FROM payments WHERE order_id = o.id AND status = 'captured') AS "chargedAt",
           (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'sentAt', sent_at) ORDER BY sent_at), '[]')
              FROM mails WHERE order_id = o.id) AS mails,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'status', status, 'messageType', message_type) ORDER BY first_died_at), '[]')
              FROM (SELECT * FROM dead_letters WHERE order_id = o.id AND id <> ${letterId}::uuid ORDER BY died_at DESC LIMIT 100) AS l) AS letters
      FROM orders o WHERE o.id = ${orderId}::uuid`);
  if (!row) return null;
  const { number, status, placedAt, chargedAt, letters } = row;
  const mails = row.mails.map(({ kind, sentAt }) => ({ kind, sentAt: new Date(sentAt) }));
  const sees = customerSees({ status, mails, chargedAt });
  return { orderId, number, status, placedAt: placedAt.toISOString(), customerSees: sees, letters };
}

async function readEndpoint(db: Db, id: string): Promise<LetterDetail["endpoint"]> {
  const [endpoint] = await db.rows<NonNullable<LetterDetail["endpoint"]>>(sql`
    SELECT id, partner, url FROM webhook_endpoints WHERE id = ${id}::uuid`);
  return endpoint ?? null;
}

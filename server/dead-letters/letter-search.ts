import type { LetterFilter } from "#contracts/api/dead-letters";
import { unsettledStatuses } from "#contracts/vocabulary";
import type { Db } from "#server/platform/db";
import type { SearchRight } from "#server/platform/personal-data";
import { sql } from "#server/platform/sql";

/** A letter's place in the order of all lists: newest death first. */
export type LetterPlace = { id: string; diedAt: Date };

/** A place with its number from the first one found, which is 1. */
export type NumberedPlace = LetterPlace & { place: number };

/** Which of the letters found are told. */
type Part = {
  after: LetterPlace | null;
  /** The last one. */
  until?: LetterPlace | null;
  limit: number;
  /** Every how many of them one is told; the very last is told besides. */
  every?: number;
} & SearchRight;

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a search can mean; exactly one is not null. */
export type LetterSearch = {
  /** Of a letter, a message or an order. */
  id: string | null;
  orderNumber: number | null;
  /** LIKE pattern of the beginning of a line in `header_text`. */
  headerLine: string | null;
  /** LIKE pattern for an error text, a header or a customer's name. */
  words: string | null;
};

const headerSearch = /^([A-Za-z0-9_.-]+)=(.*)$/s;

/** Decides by its look what somebody searches for. */
export function readSearch(search: string | undefined): LetterSearch {
  const nothing: LetterSearch = { id: null, orderNumber: null, headerLine: null, words: null };
  if (!search) return nothing;
  if (uuidPattern.test(search)) return { ...nothing, id: search };
  if (/^\d{1,15}$/.test(search)) return { ...nothing, orderNumber: Number(search) };
  const [, name, value] = headerSearch.exec(search) ?? [];
  if (name !== undefined) return { ...nothing, headerLine: `${literally(`${name}=${value}`)}%` };
  return { ...nothing, words: `%${literally(search)}%` };
}

const literally = (text: string) => text.replaceAll(/[\\%_]/g, "\\$&");

/** Null = all. */
function statusesOf(status: LetterFilter["status"]): readonly string[] | null {
  if (status === "all") return null;
  return status === "unsettled" ? unsettledStatuses : [status];
}

/**
 * The letters a filter finds, newest death first, by keyset: whoever lists, exports or plans asks here. Error texts and
 * headers are compared in collation C, three times as fast: upper and lower case are one there for ASCII only. A number is
 * an order's, or stands whole in an error text: in headers it would be part of many an id.
 */
export function findLetters(
  db: Db,
  filter: LetterFilter,
  { after, until = null, limit, every = 1, inTexts }: Part,
): Promise<NumberedPlace[]> {
  const { id, orderNumber, headerLine, words } = readSearch(filter.search);
  const textNumber = inTexts && orderNumber !== null ? filter.search! : null;
  const statuses = statusesOf(filter.status);
  const { groupId = null, source = null, consumer = null, messageType = null, workerVersion = null } = filter;
  const { orderId = null, endpointId = null, from = null, to = null } = filter;
  return db.rows<NumberedPlace>(sql`
    SELECT id, died_at AS "diedAt", place FROM (
    SELECT l.id, l.died_at, row_number() OVER listed AS place, lead(l.id) OVER listed IS NULL AS "isLast"
      FROM dead_letters l
     WHERE (${statuses}::text[] IS NULL OR l.status = ANY(${statuses}::text[]))
       AND (${groupId}::uuid IS NULL OR l.group_id = ${groupId}::uuid)
       AND (${source}::text IS NULL OR l.source = ${source})
       AND (${consumer}::text IS NULL OR l.consumer = ${consumer})
       AND (${messageType}::text IS NULL OR l.message_type = ${messageType})
       AND (${workerVersion}::text IS NULL OR l.worker_version = ${workerVersion})
       AND (${orderId}::uuid IS NULL OR l.order_id = ${orderId}::uuid)
       AND (${endpointId}::uuid IS NULL OR l.endpoint_id = ${endpointId}::uuid)
       AND (${from}::timestamptz IS NULL OR l.died_at >= ${from}::timestamptz)
       AND (${to}::timestamptz IS NULL OR l.died_at < ${to}::timestamptz)
       AND (${id}::uuid IS NULL OR l.id = ${id}::uuid OR l.message_id = ${id}::uuid OR l.order_id = ${id}::uuid)
       AND (${orderNumber}::bigint IS NULL OR l.order_id = (SELECT o.id FROM orders o WHERE o.number = ${orderNumber}::bigint)
            OR (${textNumber}::text IS NOT NULL AND l.error_message COLLATE "C" LIKE '%' || ${textNumber} || '%'
                AND l.error_message ~ ('\\m' || ${textNumber} || '\\M')))
       AND (${headerLine}::text IS NULL OR l.header_text COLLATE "C" ILIKE ${headerLine} OR l.header_text COLLATE "C" ILIKE E'%\n' || ${headerLine})
       AND (${words}::text IS NULL OR l.error_message COLLATE "C" ILIKE ${words} OR l.header_text COLLATE "C" ILIKE ${words}
            OR EXISTS (SELECT 1 FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = l.order_id AND c.name ILIKE ${words}))
       AND (${after?.diedAt ?? null}::timestamptz IS NULL OR (l.died_at, l.id) < (${after?.diedAt ?? null}::timestamptz, ${after?.id ?? null}::uuid))
       AND (${until?.diedAt ?? null}::timestamptz IS NULL OR (l.died_at, l.id) >= (${until?.diedAt ?? null}::timestamptz, ${until?.id ?? null}::uuid))
    WINDOW listed AS (ORDER BY l.died_at DESC, l.id DESC)
     ORDER BY l.died_at DESC, l.id DESC LIMIT ${limit}) AS found
     WHERE place % ${every}::int = 0 OR "isLast"
     ORDER BY place`);
}

/** The ids of the letters a filter finds for whoever acts on them, newest death first: who may act may read. */
export const findLetterIds = async (db: Db, filter: LetterFilter, limit: number): Promise<string[]> =>
  (await findLetters(db, filter, { after: null, limit, inTexts: true })).map(({ id }) => id);

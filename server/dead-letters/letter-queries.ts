import type { LetterFilter, LetterList, LetterListQuery, LetterPages, LetterRow } from "#contracts/api/dead-letters";
import { type Db, db } from "#server/platform/db";
import type { SearchRight } from "#server/platform/personal-data";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { findLetters, type LetterPlace, uuidPattern } from "./letter-search.ts";

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Letters, newest death first, by keyset: page 1,000 costs what page 1 costs. @throws Problem 400 for a cursor that is none of ours. */
export async function listLetters(
  { cursor, until, limit, ...filter }: LetterListQuery,
  right: SearchRight,
): Promise<LetterList> {
  const part = { after: readCursor(cursor), until: readCursor(until), limit };
  const places = await findLetters(db, filter, { ...part, ...right });
  const last = places.length === limit ? places.at(-1) : undefined;
  return {
    letters: await readLetters(
      db,
      places.map(({ id }) => id),
    ),
    nextCursor: last ? writeCursor(last) : null,
  };
}

/** A browser can't scroll higher than some 17 million pixels; a list of so many rows stays below that. */
const LISTED = 150_000;
const PAGE = 200;
/** A list of up to so many letters is one page. */
const SHORT = 400;

/** How long a list is and where its pages begin: one walk over an index, whoever scrolls how far. */
export async function pageLetters(filter: LetterFilter, right: SearchRight): Promise<LetterPages> {
  const places = await findLetters(db, filter, { after: null, limit: LISTED + PAGE, every: PAGE, ...right });
  const found = places.at(-1)?.place ?? 0;
  const total = Math.min(found, LISTED);
  const size = total > SHORT ? PAGE : SHORT;
  const first = await findLetters(db, filter, { after: null, limit: size, ...right });
  return {
    total: size === SHORT ? first.length : total,
    isMore: found > LISTED,
    size,
    first: await readLetters(
      db,
      first.map(({ id }) => id),
    ),
    starts: size === SHORT ? [] : places.filter(({ place }) => place % PAGE === 0 && place < total).map(writeCursor),
  };
}

const writeCursor = ({ id, diedAt }: LetterPlace) => Buffer.from(`${diedAt.toISOString()} ${id}`).toString("base64url");

function readCursor(cursor: string | undefined): LetterPlace | null {
  if (!cursor) return null;
  const [diedAt = "", id = ""] = Buffer.from(cursor, "base64url").toString().split(" ");
  if (!isoTime.test(diedAt) || Number.isNaN(Date.parse(diedAt)) || !uuidPattern.test(id))
    throw new Problem(400, "cursor_not_valid", "This cursor is not from an earlier page.");
  return { id, diedAt: new Date(diedAt) };
}

type DatedRow = Omit<LetterRow, "firstDiedAt" | "diedAt"> & { firstDiedAt: Date; diedAt: Date };

/** The rows of these letters with what their orders say of them, in the order of `ids`. Those that are gone are left out. */
export async function readLetters(db: Db, ids: readonly string[]): Promise<LetterRow[]> {
  const rows = await db.rows<DatedRow>(sql`
    SELECT l.id, l.group_id AS "groupId", l.status, l.version, l.broker, l.source, l.consumer, l.message_id AS "messageId",
           l.message_type AS "messageType", l.order_id AS "orderId", o.number AS "orderNumber", c.name AS "customerName",
           o.total_cents AS "totalCents", o.currency, coalesce(o.is_test, false) AS "isTest", l.error_class AS "errorClass",
           l.error_message AS "errorMessage", l.attempts, l.deaths, l.replays, l.bytes, l.first_died_at AS "firstDiedAt", l.died_at AS "diedAt"
      FROM unnest(${ids}::uuid[]) WITH ORDINALITY AS asked(id, place)
      JOIN dead_letters l ON l.id = asked.id
      LEFT JOIN orders o ON o.id = l.order_id
      LEFT JOIN customers c ON c.id = o.customer_id
     ORDER BY asked.place`);
  return rows.map(({ firstDiedAt, diedAt, ...row }) => ({
    ...row,
    firstDiedAt: firstDiedAt.toISOString(),
    diedAt: diedAt.toISOString(),
  }));
}

import { LetterRow } from "#contracts/api/dead-letters";
import type { Selection } from "#contracts/api/replays";
import { db } from "#server/platform/db";
import type { DownloadFormat } from "#server/platform/download";
import type { SearchRight } from "#server/platform/personal-data";
import { sql } from "#server/platform/sql";
import { readLetters } from "./letter-queries.ts";
import { findLetters, type LetterPlace } from "./letter-search.ts";
import { csvLine } from "./write-csv.ts";

const PAGE = 1_000;

const columns = Object.keys(LetterRow.shape) as (keyof LetterRow)[];

/**
 * The letters of a selection, newest death first, written page by page as fast as the reader takes them: 100,000 need no
 * more memory than 1,000. A letter that dies again meanwhile may be missing: it is ahead of where the reader is.
 * @param show what the reader may see of a row.
 */
export async function* exportLetters(
  selection: Selection,
  format: DownloadFormat,
  show: (row: LetterRow) => LetterRow,
  right: SearchRight,
): AsyncGenerator<string, void> {
  yield format === "csv" ? csvLine(columns) : "[";
  let isFirst = true;
  for await (const ids of "filter" in selection ? found(selection.filter, right) : chosen(selection.letterIds)) {
    const rows = (await readLetters(db, ids)).map(show);
    if (rows.length === 0) continue;
    yield format === "csv"
      ? rows.map((row) => csvLine(columns.map((column) => row[column]))).join("")
      : rows.map((row, index) => `${isFirst && index === 0 ? "\n" : ",\n"}${JSON.stringify(row)}`).join("");
    isFirst = false;
  }
  if (format === "json") yield "\n]\n";
}

async function* found(
  filter: Extract<Selection, { filter: unknown }>["filter"],
  right: SearchRight,
): AsyncGenerator<string[], void> {
  for (let after: LetterPlace | null | undefined = null; after !== undefined; ) {
    const places: LetterPlace[] = await findLetters(db, filter, { after, limit: PAGE, ...right });
    yield places.map(({ id }) => id);
    after = places.length === PAGE ? places.at(-1) : undefined;
  }
}

/** Those of the ids that there are. */
async function* chosen(letterIds: readonly string[]): AsyncGenerator<string[], void> {
  const rows = await db.rows<{ id: string }>(sql`
    SELECT id FROM dead_letters WHERE id = ANY(${letterIds}::uuid[]) ORDER BY died_at DESC, id DESC`);
  for (let start = 0; start < rows.length; start += PAGE) yield rows.slice(start, start + PAGE).map(({ id }) => id);
}

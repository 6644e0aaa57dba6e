import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** Says what changed about dead letters, to whoever shows some. */
export const DEAD_LETTERS_CHANNEL = "dead_letters";

/** What changed: causes whose letters did, and runs; null = any may have. */
export type LetterNews = { groupIds: readonly string[] | null; runIds: readonly string[] | null };

/** As many ids as one notification carries: PostgreSQL takes 8,000 bytes. */
const MOST_IDS = 90;

/** What an act of a person changed need not be told apart: it is rare. */
export const anyLetters = (...runIds: string[]): LetterNews => ({ groupIds: null, runIds });

/** Heard when `db` commits. A commit that tells takes a database-wide lock: what is done many times a second tells afterwards. */
export async function tellLetterNews(db: Db, news: LetterNews): Promise<void> {
  const { groupIds, runIds } = news;
  if (groupIds?.length === 0 && runIds?.length === 0) return;
  await db.rows(sql`SELECT pg_notify(${DEAD_LETTERS_CHANNEL}, ${JSON.stringify([few(groupIds), few(runIds)])})`);
}

const few = (ids: readonly string[] | null) => (ids && ids.length <= MOST_IDS ? ids : null);

/** What was told; a text that is none of ours may mean anything. Pure. */
export function readLetterNews(text: string | undefined): LetterNews {
  try {
    const [groupIds, runIds] = JSON.parse(text ?? "");
    return { groupIds, runIds };
  } catch {
    return { groupIds: null, runIds: null };
  }
}

/** All of them as one. Pure. */
export const mergeNews = (news: readonly LetterNews[]): LetterNews => ({
  groupIds: union(news.map(({ groupIds }) => groupIds)),
  runIds: union(news.map(({ runIds }) => runIds)),
});

const union = (parts: readonly (readonly string[] | null)[]) =>
  parts.includes(null) ? null : [...new Set(parts.flatMap((ids) => ids ?? []))];

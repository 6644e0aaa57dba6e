import { createHash } from "node:crypto";
import { db, type Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { NewDeath } from "./read-letter.ts";

/**
 * Gives the copies of messages without any id an identity each: three equal messages are three letters.
 *
 * One that was delivered before may be stored already. It counts as stored as long as there are stored copies whose
 * acknowledgement RabbitMQ may have missed, see `forgetCopies`; else it is a copy of its own.
 * @returns the deaths to be stored: those that have an id as they are, copies that are stored already left out.
 */
export async function numberCopies(tx: Tx, deaths: readonly NewDeath[]): Promise<NewDeath[]> {
  const unnamed = countUnnamed(deaths);
  if (unnamed.length === 0) return [...deaths];
  await tx.rows(sql`
    INSERT INTO dead_letter_copies (identity) SELECT unnest(${unnamed.map(({ identity }) => identity)}::text[]) ON CONFLICT DO NOTHING`);
  const counted = await tx.rows<{ identity: string; known: number; copies: number }>(sql`
    WITH told AS (SELECT * FROM unnest(${unnamed.map(({ identity }) => identity)}::text[], ${unnamed.map(({ firsts }) => firsts)}::int[],
                                       ${unnamed.map(({ agains }) => agains)}::int[]) AS t(identity, firsts, agains)),
         before AS (SELECT c.*, firsts, agains, least(agains, unacknowledged) AS known
                      FROM dead_letter_copies c JOIN told USING (identity) ORDER BY identity FOR UPDATE OF c)
    UPDATE dead_letter_copies c
       SET copies = b.copies + firsts + agains - known, unacknowledged = b.unacknowledged + firsts + agains - known
      FROM before b WHERE c.identity = b.identity
    RETURNING c.identity, b.known, b.copies`);
  const standing = new Map(counted.map((one) => [one.identity, one]));
  return deaths.flatMap((death) => {
    const stands = death.unnamed && standing.get(death.identity);
    if (!stands) return [death];
    if (death.unnamed === "again" && stands.known > 0) {
      stands.known -= 1;
      return [];
    }
    stands.copies += 1;
    return [copyOf(death, stands.copies)];
  });
}

/**
 * To be called when all these are stored and are acknowledged next. If the process dies in between, the copies come
 * again and are letters a second time: better than one too few.
 */
export async function forgetCopies(deaths: readonly NewDeath[]): Promise<void> {
  const unnamed = countUnnamed(deaths);
  if (unnamed.length === 0) return;
  await db.rows(sql`
    UPDATE dead_letter_copies c SET unacknowledged = greatest(0, unacknowledged - n)
      FROM unnest(${unnamed.map(({ identity }) => identity)}::text[], ${unnamed.map((one) => one.firsts + one.agains)}::int[]) AS t(identity, n)
     WHERE c.identity = t.identity`);
}

/** In the order in which their rows are locked. */
function countUnnamed(deaths: readonly NewDeath[]): { identity: string; firsts: number; agains: number }[] {
  const counts = new Map<string, { identity: string; firsts: number; agains: number }>();
  for (const { unnamed, identity } of deaths) {
    if (unnamed === null) continue;
    const count = counts.get(identity) ?? { identity, firsts: 0, agains: 0 };
    count[unnamed === "first" ? "firsts" : "agains"] += 1;
    counts.set(identity, count);
  }
  return [...counts.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1));
}

const copyOf = (death: NewDeath, copy: number): NewDeath =>
  copy === 1
    ? death
    : {
        ...death,
        identity: `${death.identity}#${copy}`,
        digest: createHash("sha256").update(death.digest).update(String(copy)).digest(),
      };

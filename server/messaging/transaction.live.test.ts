import { expect, test } from "vitest";
import { db, type Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { isInfrastructure } from "./infrastructure.ts";
import { transaction } from "./transaction.ts";

testDatabase();

/** Ends the connection of a transaction, as a restart of PostgreSQL does. */
async function cut(tx: Tx): Promise<void> {
  const [own] = await tx.rows<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
  await db.rows(sql`SELECT pg_terminate_backend(${own!.pid}::int)`);
  const alive = sql`SELECT pid FROM pg_stat_activity WHERE pid = ${own!.pid}::int`;
  await expect.poll(() => db.rows(alive), { interval: 10 }).toEqual([]);
}

// An error that nobody listens for would end the process, and vitest with it.
test.each<[string, (tx: Tx) => Promise<unknown>]>([
  ["between two statements", cut],
  ["during a statement", (tx) => Promise.allSettled([cut(tx), tx.rows(sql`SELECT pg_sleep(10)`)])],
])("a connection lost %s is that transaction's failure, not the process's, and nobody's attempt", async (_, lose) => {
  const lost = transaction({ source: "test" }, async (tx) => {
    await lose(tx);
    await tx.rows(sql`SELECT 1 AS one`);
  });
  expect(isInfrastructure(await lost.catch((error: Error) => error))).toBe(true);
  const next = await transaction({ source: "test" }, (tx) => tx.rows(sql`SELECT 1 AS one`));
  expect(next.result).toEqual([{ one: 1 }]);
});

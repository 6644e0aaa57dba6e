import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "./env.ts";
import { PrismaClient } from "./generated/prisma/client.ts";
import { log } from "./log.ts";
import { processWide } from "./process-wide.ts";
import type { Sql } from "./sql.ts";

/** Either the pool or an open transaction: whatever can run a statement. */
export type Db = {
  /** All rows of a statement. bigint columns come as numbers (refused past 2^53). */
  rows<Row extends object>(statement: Sql): Promise<Row[]>;
};

/** Statements given to it run in one transaction. Only `inTransaction` makes one. */
export type Tx = Db & { readonly isTransaction: true };

const INT8 = 20;
const CONNECTIONS = 10;

/** int8 as a number: every count and amount here is far below 2^53; one that is not is a fault, not a rounding. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number`);
  return value;
}

const types = {
  getTypeParser: ((oid: number, format: "text") =>
    oid === INT8 && format !== ("binary" as string)
      ? parseInt8
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Makes a pool with the limits that hold for every statement of the product. `settings` further ones of its sessions. */
export function createPool(connectionString: string, settings = ""): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS,
    types,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    // Limits live in PostgreSQL, not in a client timer that could leave half a transaction behind (prisma/orm#29762).
    options: `-c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s ${settings}`,
  });
  pool.on("error", (error) => log().warn({ error: error.message }, "an idle database connection was lost"));
  // A connection lost in somebody's hands fails the statement, and is told here as well: unheard it would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** The process's one pool. Next's bundles and the custom server share it. */
export const pool = (): pg.Pool => processWide("pg-pool", () => createPool(env().DATABASE_URL));

/**
 * For a process whose statements work on batches, before its first statement: each is planned for its own values. A plan
 * kept from when the tables were empty would read them from end to end until somebody analyzes them.
 */
export function planEveryStatement(): void {
  processWide("pg-pool", () => createPool(env().DATABASE_URL, "-c plan_cache_mode=force_custom_plan"));
}

/** Prisma over the same pool: for ordinary reads and writes of single rows, never for hot statements. */
export const prisma = (): PrismaClient =>
  processWide(
    "prisma",
    () => new PrismaClient({ adapter: new PrismaPg(pool() as never, { disposeExternalPool: false }) }),
  );

/** The pool as a `Db`: each statement commits by itself. */
export const db: Db = {
  async rows<Row extends object>(statement: Sql) {
    return (await pool().query<Row>(statement)).rows;
  },
};

/** Runs statements over one given connection. */
export const overConnection = (client: pg.ClientBase): Tx => ({
  isTransaction: true,
  async rows<Row extends object>(statement: Sql) {
    return (await client.query<Row>(statement)).rows;
  },
});

/** Commits what `change` did, or nothing of it. @throws whatever `change` throws, after the roll-back. */
export async function inTransaction<Result>(change: (tx: Tx) => Promise<Result>): Promise<Result> {
  const client = await pool().connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await change(overConnection(client));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A connection that can't even roll back is thrown away, never handed to the next caller.
    await client.query("ROLLBACK").catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

export async function closeDatabase(): Promise<void> {
  await prisma().$disconnect();
  await pool().end();
}

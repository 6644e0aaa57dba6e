import pg from "pg";
import { openSchemaEngine } from "./schema-engine.ts";

/**
 * Brings a database to the newest schema; makes the database when the server does not have it yet.
 * Safe to run by several processes at once. `applied` names the migrations that this call applied.
 * @throws when a migration fails: it is rolled back, and blocks the later ones until it is mended.
 */
export async function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  await ensureDatabase(databaseUrl);
  const engine = await openSchemaEngine(databaseUrl);
  try {
    return { applied: await engine.apply() };
  } finally {
    await engine.close();
  }
}

const DUPLICATE_DATABASE = "42P04";
const UNIQUE_VIOLATION = "23505";

async function ensureDatabase(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    // Two starters may race: the loser finds it made.
    const code = (error as { code?: string }).code;
    if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error;
  } finally {
    await client.end();
  }
}

import { join } from "node:path";
import pg from "pg";
import { runningPid, stopDetached } from "../detached.ts";
import { localSecret } from "../local-state.ts";
import { state } from "../paths.ts";
import { installPackages, listens, runAsRoot, Sentence } from "../shell.ts";
import { type Account, type FindOptions, guardAccount } from "./accounts.ts";
import { mayRunEmbedded, startEmbeddedPostgres } from "./embedded-postgres.ts";

const PORT = 5432;
const ROLE = "order_pipeline";
const MIN_VERSION = 15;
const dir = join(state, "postgres");

export type FoundPostgres = {
  /** Of a server, without a database. */
  urlOf(database: string): string;
  how: string;
};

/** PostgreSQL by address, by default port, or started by us. @throws Sentence with what to do. */
export async function findPostgres(options: FindOptions = {}): Promise<FoundPostgres> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL) return checked(DATABASE_URL, "from DATABASE_URL");
  if (runningPid(join(dir, "pid")) === null && (await listens(PORT))) return listening("already listening", options);
  if (!mayRunEmbedded()) return installed();
  const own = await startEmbeddedPostgres({ dir, port: PORT, user: ROLE, password: localSecret("postgresPassword") });
  return checked(own.url, "started by us");
}

async function listening(how: string, options: FindOptions): Promise<FoundPostgres> {
  const { url, entered } = await findLogin(options);
  if (url) return checked(url, `${how}${entered}`);
  if (options.mayChange === false) return { how: `${how}: npm start makes us a role there`, urlOf: () => "" };
  throw new Sentence(
    `PostgreSQL listens on port ${PORT}, but lets us in neither as postgres nor as ${ROLE}. Set DATABASE_URL, or run: sudo -u postgres createuser --createdb --pwprompt ${ROLE}`,
  );
}

/** Where the embedded server can't run: Debian's, which root may install. */
async function installed(): Promise<FoundPostgres> {
  installPackages("PostgreSQL, because the embedded one can't run inside root's own home,", ["postgresql"]);
  if (!(await listens(PORT))) runAsRoot("service", ["postgresql", "start"]);
  for (const end = Date.now() + 15_000; !(await listens(PORT)); )
    if (Date.now() > end)
      throw new Sentence("PostgreSQL was installed, but does not listen. Start it, or set DATABASE_URL.");
    else await new Promise((resolve) => setTimeout(resolve, 200));
  return listening("installed by us", {});
}

async function checked(url: string, how: string): Promise<FoundPostgres> {
  const version = await ask(withDatabase(url, "postgres"), "SHOW server_version_num").catch((error: Error) => {
    throw new Sentence(`PostgreSQL (${how}) does not answer: ${error.message}`);
  });
  const major = Math.floor(Number(version) / 10_000);
  if (major < MIN_VERSION) throw new Sentence(`PostgreSQL ${major} is too old: ${MIN_VERSION} or newer is needed.`);
  return { how: `${major}, ${how}`, urlOf: (database) => withDatabase(url, database) };
}

function withDatabase(text: string, database: string): string {
  const url = new URL(text);
  url.pathname = `/${database}`;
  return url.href;
}

async function ask(url: string, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  await client.connect();
  try {
    const { rows } = await client.query(statement);
    return String(Object.values(rows[0] ?? {})[0]);
  } finally {
    await client.end();
  }
}

/** A login that works: our own role, the superuser without a password, or our role made through the local socket. */
async function findLogin(options: FindOptions): Promise<{ url: string | null; entered: string }> {
  const own = `postgres://${ROLE}:${localSecret("postgresPassword")}@127.0.0.1:${PORT}/`;
  const candidates = [own, `postgres://postgres@127.0.0.1:${PORT}/`];
  for (const url of candidates) if (await lets(url)) return { url, entered: "" };
  const entered = `; ${guardAccount("PostgreSQL", ROLE, roleThere(), options)}`;
  if (options.mayChange === false) return { url: null, entered };
  const password = localSecret("postgresPassword");
  const create = `DO $$ BEGIN CREATE ROLE ${ROLE} LOGIN CREATEDB CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER ROLE ${ROLE} CREATEROLE PASSWORD '${password}'`;
  asPostgres(`-qc "${create.replaceAll("$", "\\$")}"`);
  return { url: (await lets(own)) ? own : null, entered };
}

const asPostgres = (psql: string) => runAsRoot("su", ["postgres", "-c", `psql ${psql}`]);

/** What our role is to the server, as far as root may look. */
function roleThere(): Account {
  const count = `SELECT (SELECT count(*) FROM pg_roles WHERE rolname = '${ROLE}'), (SELECT count(*) FROM pg_stat_activity WHERE usename = '${ROLE}')`;
  const { ok, out } = asPostgres(`-qAtc "${count}"`);
  if (!ok || out.startsWith("0|")) return "missing";
  return out.endsWith("|0") ? "idle" : "in use";
}

const lets = (url: string) =>
  ask(withDatabase(url, "postgres"), "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").then(
    (may) => may === "true",
    () => false,
  );

export const stopOwnPostgres = (): Promise<boolean> => stopDetached(join(dir, "pid"), "SIGINT");

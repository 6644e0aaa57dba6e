import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A process of ours that outlives us, told from a stranger with the same pid by the time it was started. */
type PidFile = { pid: number; startedAt: string };

/** Clock ticks since boot at which a process started; null when there is none. Linux only; elsewhere the pid must do. */
function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")")).split(" ");
    // A zombie waits for its parent, not for us: it has ended, once its last thread has. Until then its ports are taken.
    const hasEnded = fields[1] === "Z" && readdirSync(`/proc/${pid}/task`).length <= 1;
    return hasEnded ? null : (fields[20] ?? "");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" && process.platform !== "linux" ? "" : null;
  }
}

/** Starts a program that goes on after us; its output goes to `log`, its pid to `pidFile`. */
export function startDetached(
  program: string,
  args: readonly string[],
  { pidFile, log, env, cwd }: { pidFile: string; log: string; env?: NodeJS.ProcessEnv; cwd?: string },
): number {
  mkdirSync(dirname(pidFile), { recursive: true });
  const output = openSync(log, "a");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", output, output], env, cwd });
  child.unref();
  if (!child.pid) throw new Error(`${program} could not be started`);
  adopt(pidFile, child.pid);
  return child.pid;
}

/** Writes the pid file of a process that runs: for programs that go on under another pid than the one they began with. */
export function adopt(pidFile: string, pid: number): void {
  writeFileSync(pidFile, JSON.stringify({ pid, startedAt: startOf(pid) ?? "" } satisfies PidFile));
}

/** The pid in a pid file, if that very process still runs. */
export function runningPid(pidFile: string): number | null {
  if (!existsSync(pidFile)) return null;
  const { pid, startedAt } = JSON.parse(readFileSync(pidFile, "utf8")) as PidFile;
  return startOf(pid) === startedAt ? pid : null;
}

const STOP_MS = 20_000;

/** Ends the process of a pid file, kindly first. True when there was one. */
export async function stopDetached(pidFile: string, signal: NodeJS.Signals = "SIGTERM"): Promise<boolean> {
  const pid = runningPid(pidFile);
  if (pid === null) {
    rmSync(pidFile, { force: true });
    return false;
  }
  process.kill(pid, signal);
  for (const end = Date.now() + STOP_MS; runningPid(pidFile) !== null; ) {
    if (Date.now() > end) process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  rmSync(pidFile, { force: true });
  return true;
}

/** Ends every process that has a pid file below a folder: what an interrupted run left behind. Tells how many. */
export async function stopLeftovers(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => basename(path) === "pid");
  const stopped = await Promise.all(files.map((path) => stopDetached(join(folder, path))));
  return stopped.filter(Boolean).length;
}

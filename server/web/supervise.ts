import { type ChildProcess, fork } from "node:child_process";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { log } from "#server/platform/log";
import { smallArenas, smallHeap } from "./small-process.ts";

/** Waits between two starts, ms: soon at first, never later than 5 s. */
const BACK_OFF_MS = [200, 500, 1_000, 2_500, 5_000];
/** A child that ran so long was healthy: its end is the first failure again. */
const HEALTHY_MS = 30_000;
/** 0 is everybody's, 19 the last one's. Where there is too little CPU for all, orders are taken first. */
const NICENESS = 5;
const STOP_MS = 11_000;

/**
 * Keeps one child process running. A crash there never touches the web.
 * @param path the child's entry, from the project's root. `what` names it in the log.
 */
export function supervise(options: { path: string; what: string; onReady?(): void; onEnd?(): void }): {
  stop(): Promise<void>;
} {
  const { path, what, onReady = () => {}, onEnd = () => {} } = options;
  const entry = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  let child: ChildProcess | undefined;
  let failures = 0;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const startedAt = Date.now();
    child = fork(entry, { execArgv: smallHeap, env: smallArenas(), stdio: ["ignore", "inherit", "inherit", "ipc"] });
    if (child.pid) setPriority(child.pid, NICENESS);
    child.on("message", onReady);
    child.on("exit", (code, signal) => {
      onEnd();
      if (isStopping) return;
      failures = Date.now() - startedAt > HEALTHY_MS ? 1 : failures + 1;
      const waitMs = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1]!;
      log().error({ code, signal, waitMs }, `the ${what} process ended; it is started again`);
      timer = setTimeout(start, waitMs);
    });
  };
  start();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child?.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const force = setTimeout(() => child?.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

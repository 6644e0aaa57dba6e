import { env } from "./env.ts";

/**
 * A place between two durable steps. A test sets CRASH_AT to its name and the process dies there as by kill -9: no
 * `finally`, no flush. Costs one comparison otherwise.
 */
export function crashPoint(name: CrashPoint): void {
  if (env().CRASH_AT === name) process.kill(process.pid, "SIGKILL");
}

/** Every place where a dead letter, a replay or an edit could be caught half-way. */
export const crashPoints = [
  "collect:received",
  "collect:stored",
  "collect:acknowledged",
  "plan:before-commit",
  "accept:before-commit",
  "accept:committed",
  "send:claimed",
  "send:confirmed",
  "send:before-mark-commit",
  "send:marked",
  "settle:before-commit",
  "edit:before-commit",
  "edit:committed",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

import { commands, events, reminders } from "#contracts/messages/index";
import { checkPipeline } from "#server/messaging/check-pipeline";
import { runWorkers } from "#server/messaging/run-workers";
import { closeDatabase } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { workers } from "#workers";

/*
 * The worker process: `node workers/main.ts [name …]` runs the named workers, or all. Boot checks, run, drain, exit.
 * It ends itself with code 1 when it can't go on; its supervisor starts it again. A parent that goes away ends it too.
 */

const DRAIN_MS = 10_000;

env();
checkPipeline(workers, { events, commands, reminders });
const running = runWorkers(chosen(process.argv.slice(2)), { onFatal: (error) => exit(1, error) });
running.then(
  () => process.send?.({ type: "ready" }),
  (error: Error) => exit(1, error),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void drain());
process.on("disconnect", () => void drain());
process.on("uncaughtException", (error) => exit(1, error));
process.on("unhandledRejection", (error) => exit(1, error as Error));

function chosen(names: string[]) {
  const unknown = names.filter((name) => !workers.some((worker) => worker.name === name));
  if (unknown.length > 0) {
    const known = workers.map((worker) => worker.name).join(", ");
    console.error(`No worker is called ${unknown.join(", ")}. There are: ${known}.`);
    process.exit(2);
  }
  return names.length === 0 ? workers : workers.filter((worker) => names.includes(worker.name));
}

let draining = false;

async function drain(): Promise<void> {
  if (draining) return;
  draining = true;
  setTimeout(() => exit(1, new Error(`not drained within ${DRAIN_MS} ms`)), DRAIN_MS).unref();
  await running.then((workers) => workers.stop());
  await closeDatabase();
  process.exit(0);
}

function exit(code: number, error: Error): void {
  log().fatal({ error: error.message, stack: error.stack }, "the worker process ends");
  process.exit(code);
}

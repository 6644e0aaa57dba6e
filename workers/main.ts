import { commands, events, reminders } from "#contracts/messages/index";
import { COLLECTOR, startCollector } from "#server/dead-letters/collect-dead-letters";
import { REPLAY_SENDER, startReplays } from "#server/dead-letters/run-replays";
import { jobsFor } from "#server/fulfilment/jobs-for";
import { checkPipeline } from "#server/messaging/check-pipeline";
import { familyOf } from "#server/messaging/run-rabbit-worker";
import { runWorkers, type Service } from "#server/messaging/run-workers";
import { RECONCILER, startReconciler } from "#server/pipeline/reconcile";
import { crashPoint } from "#server/platform/crash-point";
import { closeDatabase, planEveryStatement } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { workers } from "#workers";

/*
 * The worker process: `node workers/main.ts [name …]` runs the named workers and services, or all. Boot checks, run, drain, exit.
 * It ends itself with code 1 when it can't go on; its supervisor starts it again. A parent that goes away ends it too.
 */

const DRAIN_MS = 10_000;

/** Queue name → the worker that reads it. */
const readers = new Map(
  workers.flatMap((worker) => {
    const family = familyOf(worker);
    return family ? [[family.name, worker.name] as const] : [];
  }),
);

/** What runs beside the workers, by name. */
const services: Record<string, Service> = {
  [COLLECTOR]: (ports) => startCollector({ ...ports, consumerOfQueue: readers, crashPoint }),
  [REPLAY_SENDER]: (ports) => startReplays({ ...ports, readers }),
  [RECONCILER]: ({ rabbit }) => startReconciler({ rabbit, jobsFor }),
};

env();
planEveryStatement();
checkPipeline(workers, { events, commands, reminders });
const running = start(process.argv.slice(2));
running.then(
  () => process.send?.({ type: "ready" }),
  (error: Error) => exit(1, error),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void drain());
process.on("disconnect", () => void drain());
process.on("uncaughtException", (error) => exit(1, error));
process.on("unhandledRejection", (error) => exit(1, error as Error));

function start(names: string[]) {
  const known = [...workers.map((worker) => worker.name), ...Object.keys(services)];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`No worker is called ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
    process.exit(2);
  }
  const isChosen = (name: string) => names.length === 0 || names.includes(name);
  return runWorkers(
    workers.filter(({ name }) => isChosen(name)),
    {
      onFatal: (error) => exit(1, error),
      services: Object.entries(services).flatMap(([name, service]) => (isChosen(name) ? [service] : [])),
    },
  );
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

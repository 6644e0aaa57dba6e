import type { CommandContract, EventContract, ReminderContract } from "#contracts/message";
import type { WorkerDefinition } from "./worker.ts";

export type Declared = {
  events: readonly EventContract[];
  commands: readonly CommandContract[];
  reminders: readonly ReminderContract[];
};

/** Workers that hear everything hear nothing in particular: they don't make an event "handled". */
const isListener = (worker: WorkerDefinition, { events }: Declared) =>
  events.every((event) => worker.on.some((contract) => contract.type === event.type));

/**
 * Refuses a pipeline with a hole in it before the first message can fall through.
 * @throws listing every hole, each with the line that closes it.
 */
export function checkPipeline(workers: readonly WorkerDefinition[], declared: Declared): void {
  const holes = [...namesTwice(workers), ...unheard(workers, declared), ...unowned(workers, declared)];
  if (holes.length > 0) throw new Error(`The pipeline has holes:\n${holes.map((hole) => `  ${hole}`).join("\n")}`);
}

const namesTwice = (workers: readonly WorkerDefinition[]) =>
  [...Map.groupBy(workers, (worker) => worker.name)]
    .filter(([, same]) => same.length > 1)
    .map(([name]) => `${name} is the name of two workers: rename one in workers/`);

function unheard(workers: readonly WorkerDefinition[], declared: Declared): string[] {
  const hears = (type: string) =>
    workers.some((worker) => !isListener(worker, declared) && worker.on.some((contract) => contract.type === type));
  return declared.events
    .filter((event) => !event.terminal && !hears(event.type))
    .map(
      (event) =>
        `${event.type} has no worker: add \`on: [${event.type}]\` to one in workers/, or \`terminal: true\` to its event()`,
    );
}

function unowned(workers: readonly WorkerDefinition[], { commands, reminders }: Declared): string[] {
  return [...commands, ...reminders].flatMap(({ type, kind }) => {
    const owners = workers.filter((worker) => worker.on.some((contract) => contract.type === type));
    if (owners.length === 1) return [];
    if (owners.length === 0) return [`${kind} ${type} has no worker: add \`on: [${type}]\` to one in workers/`];
    return [`${kind} ${type} has ${owners.length} workers (${owners.map((one) => one.name).join(", ")}): leave one`];
  });
}

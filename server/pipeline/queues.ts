import type { FamilyView, Queues, QueueView } from "#contracts/api/operations";
import { queueReaders } from "#contracts/process-map";
import {
  deadLetterQueueName,
  delayQueues,
  queues as families,
  type QueueFamily,
  retryQueueName,
} from "#contracts/topology";
import { contractTopology, planQueues, scaledMs } from "#server/messaging/topology-plan";
import { inWords } from "./burrow.ts";
import { count, outlook, sentence } from "./in-words.ts";
import { drain, nextReturn, type QueueFigures } from "./observe-queues.ts";
import { type Observed, readObserved } from "./read-observed.ts";

/** What lies in a queue, as people call it. */
const contents: Readonly<Record<string, [one: string, several: string]>> = {
  email: ["mail", "mails"],
  webhook: ["call to a partner", "calls to partners"],
  invoice: ["invoice", "invoices"],
  label: ["label", "labels"],
  analytics: ["fact for the statistics", "facts for the statistics"],
  audit: ["fact for the audit", "facts for the audit"],
};

export async function readQueues(): Promise<Queues> {
  return showQueues(await readObserved());
}

/** Every queue of the vhost: ours as families with their waiting rooms and dead letters, the others as they are. Pure. */
export function showQueues(observed: Observed): Queues {
  const all = new Map(observed.queues.map((queue) => [queue.name, queue]));
  const ours = new Set(planQueues(contractTopology, observed.scale).map(({ name }) => name));
  return {
    at: observed.at.toISOString(),
    known: observed.known,
    families: Object.values(families).map((family) => showFamily(family, all, observed)),
    others: observed.queues.filter(({ name }) => !ours.has(name)).map(view),
  };
}

function showFamily(family: QueueFamily, all: ReadonlyMap<string, QueueFigures>, observed: Observed): FamilyView {
  const { known, scale, dead, pauses, at } = observed;
  const main = all.get(family.name);
  const worker = queueReaders.find(({ queue }) => queue === family.name)?.worker ?? null;
  const rooms = [
    ...family.retryDelaysMs.map((delayMs) => {
      const waitMs = scaledMs(delayMs, scale);
      return { name: retryQueueName(family, waitMs), waitMs };
    }),
    ...Object.values(delayQueues)
      .filter(({ to }) => to.name === family.name)
      .map(({ name, delayMs }) => ({ name, waitMs: scaledMs(delayMs, scale) })),
  ];
  const retries = rooms.map(({ name, waitMs }) => {
    const queue = all.get(name) ?? nothing(name);
    return { ...view(queue), delayMs: waitMs, nextReturnMs: nextReturn(queue, waitMs, at.getTime()) };
  });
  const deadQueue = family.bestEffort ? undefined : all.get(deadLetterQueueName(family));
  const pausedBy = worker === null ? null : (pauses.get(worker) ?? null);
  const figures = {
    name: family.name,
    worker,
    main: view(main ?? nothing(family.name)),
    retries,
    deadInBroker: family.bestEffort ? 0 : (deadQueue?.ready ?? null),
    deadInStore: dead.get(family.name) ?? 0,
    oldestMs: main?.oldestMs ?? null,
    ...drainFor(main, pausedBy),
    pausedBy,
  };
  const status = known.rabbitmq.isUp && main ? statusOf(figures) : "unknown";
  return { ...figures, status, inWords: wordsFor({ ...figures, status }) };
}

/** Nobody works on it: the pace it had a while ago promises no end. */
function drainFor(main: QueueFigures | undefined, pausedBy: string | null): ReturnType<typeof drain> {
  if (!main) return { etaMs: null, isGrowing: false };
  const { etaMs, isGrowing } = drain(main);
  const isRead = main.consumers > 0 && pausedBy === null;
  return { etaMs: isRead || main.ready === 0 ? etaMs : null, isGrowing };
}

const statusOf = ({
  main,
  pausedBy,
  isGrowing,
}: Pick<FamilyView, "main" | "pausedBy" | "isGrowing">): FamilyView["status"] => {
  if (pausedBy !== null) return "paused";
  if (main.consumers === 0) return "no_consumer";
  return main.ready > 0 && isGrowing ? "busy" : "ok";
};

/** "12 mails wait, oldest 3 s, drained in about 5 s, 2 wait for another attempt, 1 dead." */
function wordsFor(family: Omit<FamilyView, "inWords">): string {
  const { name, main, retries, status, pausedBy, oldestMs, deadInStore, deadInBroker } = family;
  if (status === "unknown") return "Nobody knows at present: RabbitMQ was not seen.";
  const [one, several] = contents[name] ?? ["message", "messages"];
  const again = retries.reduce((sum, { ready }) => sum + ready, 0);
  const dead = deadInStore + (deadInBroker ?? 0);
  return sentence(
    main.ready === 0 ? "Nothing waits" : `${count(main.ready, one, several)} ${main.ready === 1 ? "waits" : "wait"}`,
    main.ready > 0 && oldestMs !== null && `oldest ${inWords(oldestMs)}`,
    main.ready > 0 && outlook(family),
    again > 0 && `${again.toLocaleString("en-GB")} ${again === 1 ? "waits" : "wait"} for a later attempt`,
    dead > 0 && `${dead.toLocaleString("en-GB")} dead`,
    status === "no_consumer" && "nobody works on it",
    pausedBy !== null && `paused by ${pausedBy}`,
  );
}

const view = ({
  name,
  ready,
  unacked,
  consumers,
  inPerSecond,
  outPerSecond,
  ackPerSecond,
}: QueueFigures): QueueView => ({
  ...{ name, ready, unacked, consumers, inPerSecond, outPerSecond, ackPerSecond },
});

const nothing = (name: string): QueueFigures => ({
  ...{ name, ready: 0, unacked: null, consumers: 0, inPerSecond: null, outPerSecond: null, ackPerSecond: null },
  ...{ slope: null, busySinceMs: null, oldestMs: null },
});

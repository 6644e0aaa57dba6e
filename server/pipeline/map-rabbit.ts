import type { FamilyView } from "#contracts/api/operations";
import { queueReaders } from "#contracts/process-map";
import { delayQueues, exchangeBindings, exchanges, queues as families, type QueueFamily } from "#contracts/topology";
import { count } from "./in-words.ts";
import {
  edge,
  events,
  familyOf,
  type MapEdge,
  type MapNode,
  type MapStatus,
  node,
  outside,
  type Parts,
} from "./map-parts.ts";

const statuses: Readonly<Record<FamilyView["status"], MapStatus>> = {
  ...{ ok: "ok", busy: "busy", no_consumer: "bad", paused: "paused", unknown: "unknown" },
};

function queueWorkerStatus(parts: Parts, queue: string): MapStatus {
  const family = familyOf(parts, queue);
  if (family?.status === "paused") return "paused";
  return parts.workers.areDead ? "bad" : family ? statuses[family.status] : "unknown";
}

export function rabbitNodes(parts: Parts): MapNode[] {
  const isUp = parts.observed.known.rabbitmq.isUp;
  const exchange = Object.values(exchanges).map(({ name, type }) =>
    node(`exchange:${name}`, "exchange", name, isUp ? "ok" : "unknown", type, "/queues"),
  );
  const queue = queueReaders.flatMap((reader) => {
    const family = familyOf(parts, reader.queue);
    const status = family ? statuses[family.status] : "unknown";
    const waits = family ? family.main.ready + family.retries.reduce((sum, { ready }) => sum + ready, 0) : 0;
    const workerStatus = queueWorkerStatus(parts, reader.queue);
    return [
      node(
        `queue:${reader.queue}`,
        "queue",
        reader.queue,
        status,
        isUp ? `${waits.toLocaleString("en-GB")} wait` : "unknown",
        `/queues?family=${reader.queue}`,
      ),
      node(
        `worker:${reader.worker}`,
        "worker",
        reader.worker,
        workerStatus,
        queueWorkerDetail(family, workerStatus),
        `/queues?family=${reader.queue}`,
      ),
    ];
  });
  return [...exchange, ...queue];
}

function queueWorkerDetail(family: FamilyView | undefined, status: MapStatus): string {
  if (!family || status === "unknown") return "unknown";
  if (status === "paused") return `paused by ${family.pausedBy}`;
  if (status === "bad") return "not running";
  return count(family.main.consumers, "consumer");
}

/** Queues in which something waits on purpose, not because it failed. */
const rooms = new Set<string>(Object.values(delayQueues).map(({ name }) => name));

/** Straight into a queue, past every exchange of ours. */
const direct: readonly QueueFamily[] = [families.email, families.label, families.webhook];

export function rabbitEdges(parts: Parts): MapEdge[] {
  const isUp = parts.observed.known.rabbitmq.isUp;
  const flow: MapStatus = isUp ? "ok" : "unknown";
  const into = (name: string) => familyOf(parts, name)?.main.inPerSecond ?? null;
  const bound = (Object.values(families) as QueueFamily[]).flatMap((family) =>
    [...new Set((family.bindings ?? []).map(({ exchange }) => exchange))].map((exchange) =>
      edge(`exchange:${exchange}`, `queue:${family.name}`, into(family.name), null, flow),
    ),
  );
  const dispatch = "worker:dispatch-tasks";
  const targets = [exchanges.orderEvents.name, exchanges.paymentMethod.name];
  const asks = [
    ...targets.map((name) => edge(dispatch, `exchange:${name}`, null, null, flow)),
    ...direct.map(({ name }) => {
      const delayed = familyOf(parts, name)?.retries.find((room) => rooms.has(room.name));
      return edge(dispatch, `queue:${name}`, into(name), delayed?.ready ?? null, flow);
    }),
  ];
  const passes = exchangeBindings.map(({ from, to }) => edge(`exchange:${from}`, `exchange:${to}`, null, null, flow));
  const taken = queueReaders.flatMap(({ queue, worker }) => {
    const family = familyOf(parts, queue);
    const status = queueWorkerStatus(parts, queue);
    const there = outside[worker];
    return [
      edge(
        `queue:${queue}`,
        `worker:${worker}`,
        family?.main.outPerSecond ?? null,
        isUp ? (family?.main.ready ?? null) : null,
        status,
      ),
      ...(there
        ? [edge(`worker:${worker}`, `outside:${there.id}`, family?.main.ackPerSecond ?? null, null, status)]
        : []),
    ];
  });
  return [...asks, ...passes, ...bound, ...taken];
}

/** Whom we call is known by what has to be tried again; nobody asks them otherwise. */
export const outsideNodes = (parts: Parts): MapNode[] =>
  Object.entries(outside).map(([worker, { id, label }]) => {
    const { status, retries } = triedAgain(parts, worker);
    const detail = retries > 0 ? `${retries.toLocaleString("en-GB")} tried again later` : `by ${worker}`;
    return node(`outside:${id}`, "outside", label, status, detail, "/orders");
  });

function triedAgain(parts: Parts, worker: string): { status: MapStatus; retries: number } {
  const queue = queueReaders.find((reader) => reader.worker === worker)?.queue;
  if (queue && !parts.observed.known.rabbitmq.isUp) return { status: "unknown", retries: 0 };
  const retries = queue
    ? (familyOf(parts, queue)?.retries ?? []).reduce((sum, { name, ready }) => sum + (rooms.has(name) ? 0 : ready), 0)
    : (parts.observed.retries.get(worker) ?? 0);
  return { status: retries > 0 ? "busy" : "ok", retries };
}

const deadBySource = ({ observed, queues }: Parts): Map<string, number> => {
  const dead = new Map(observed.dead);
  for (const { name, deadInBroker } of queues.families)
    if (deadInBroker) dead.set(name, (dead.get(name) ?? 0) + deadInBroker);
  return dead;
};

export function deadNode(parts: Parts): MapNode {
  const total = [...deadBySource(parts).values()].reduce((sum, letters) => sum + letters, 0);
  return node(
    "dead-letters",
    "dead_letters",
    "Dead letters",
    total > 0 ? "bad" : "ok",
    total > 0 ? `${count(total, "letter")} wait for somebody` : "none",
    "/dead-letters",
  );
}

export function deadEdges(parts: Parts): MapEdge[] {
  const dead = deadBySource(parts);
  const places = [
    { source: events, from: `topic:${events}` },
    ...queueReaders.map(({ queue }) => ({ source: queue, from: `queue:${queue}` })),
  ];
  return places
    .filter(({ source }) => (dead.get(source) ?? dead.get(parts.observed.prefix + source) ?? 0) > 0)
    .map(({ source, from }) =>
      edge(from, "dead-letters", null, dead.get(source) ?? dead.get(parts.observed.prefix + source)!, "bad"),
    );
}

import type { Consumers, PipelineMap, Queues } from "#contracts/api/operations";
import { eventReaders } from "#contracts/process-map";
import { inWords } from "./burrow.ts";
import { showConsumers } from "./consumers.ts";
import { healthSentence } from "./health-sentence.ts";
import { count } from "./in-words.ts";
import {
  edge,
  events,
  groupOf,
  type MapEdge,
  type MapNode,
  type MapStatus,
  node,
  outside,
  type Parts,
  perSecond,
  type WorkersHere,
} from "./map-parts.ts";
import { deadEdges, deadNode, outsideNodes, rabbitEdges, rabbitNodes } from "./map-rabbit.ts";
import { showQueues } from "./queues.ts";
import { type Observed, readObserved } from "./read-observed.ts";

export async function readMap(workers: WorkersHere): Promise<PipelineMap> {
  const observed = await readObserved();
  return showMap(observed, showConsumers(observed), showQueues(observed), workers);
}

/** Both brokers in one picture, from the contracts and what was observed of them. Pure. */
export function showMap(observed: Observed, consumers: Consumers, queues: Queues, workers: WorkersHere): PipelineMap {
  const parts = { observed, consumers, queues, workers };
  const nodes = [
    ...sourceNodes(parts),
    ...eventWorkerNodes(parts),
    ...rabbitNodes(parts),
    ...outsideNodes(parts),
    deadNode(parts),
  ];
  const edges = [...sourceEdges(parts), ...eventWorkerEdges(parts), ...rabbitEdges(parts), ...deadEdges(parts)];
  return {
    at: observed.at.toISOString(),
    known: observed.known,
    nodes,
    edges,
    health: healthSentence(observed, consumers, queues, nodes),
  };
}

// ── from the checkout to the topic ───────────────────────────────────────────────────────────────────────────────────

/** Unsent events older than this are late, ms. */
const LATE_MS = 5_000;

function sourceNodes(parts: Parts): MapNode[] {
  const { observed } = parts;
  const { outbox, placedPerSecond, known } = observed;
  const isLate = (outbox.oldestMs ?? 0) > LATE_MS;
  return [
    node("checkout", "checkout", "Checkout", "ok", perSecond(placedPerSecond, "order"), "/orders"),
    node(
      "outbox",
      "outbox",
      "Outbox",
      isLate ? "bad" : outbox.unsent > 0 ? "busy" : "ok",
      outbox.unsent === 0
        ? "all sent"
        : `${count(outbox.unsent, "event")} unsent, oldest ${inWords(outbox.oldestMs ?? 0)}`,
      "/orders",
    ),
    node(
      `topic:${events}`,
      "topic",
      events,
      known.kafka.isUp ? "ok" : "unknown",
      known.kafka.isUp ? perSecond(producedPerSecond(parts), "event") : "unknown",
      `/topics/${observed.prefix}${events}`,
    ),
  ];
}

function sourceEdges(parts: Parts): MapEdge[] {
  const { outbox, placedPerSecond, known } = parts.observed;
  const isLate = (outbox.oldestMs ?? 0) > LATE_MS;
  return [
    edge("checkout", "outbox", placedPerSecond, null, "ok"),
    edge(
      "outbox",
      `topic:${events}`,
      producedPerSecond(parts),
      outbox.unsent,
      !known.kafka.isUp ? "unknown" : isLate ? "bad" : "ok",
    ),
  ];
}

/** All our groups read the same topic: whichever knows its pace. */
const producedPerSecond = ({ consumers }: Parts): number | null =>
  consumers.groups.find(({ worker, producePerSecond }) => worker !== null && producePerSecond !== null)
    ?.producePerSecond ?? null;

// ── workers on Kafka ─────────────────────────────────────────────────────────────────────────────────────────────────

function eventWorkerStatus(parts: Parts, worker: string): MapStatus {
  const { known, pauses } = parts.observed;
  if (pauses.has(worker)) return "paused";
  if (parts.workers.areDead) return "bad";
  if (!known.kafka.isUp) return "unknown";
  const group = groupOf(parts, worker);
  if (!group) return "unknown";
  if (group.members === 0 || group.health === "stop" || group.health === "stall") return "bad";
  return group.health === "warn" || group.health === "rewind" || group.isGrowing ? "busy" : "ok";
}

function eventWorkerDetail(parts: Parts, worker: string): string {
  const group = groupOf(parts, worker);
  const paused = parts.observed.pauses.get(worker);
  if (paused) return `paused by ${paused}`;
  if (parts.workers.areDead) return "not running";
  if (!parts.observed.known.kafka.isUp || !group) return "unknown";
  if (group.members === 0) return `not running, lag ${group.lag.toLocaleString("en-GB")}`;
  return group.lag === 0 ? "caught up" : `lag ${group.lag.toLocaleString("en-GB")}`;
}

const eventWorkerNodes = (parts: Parts): MapNode[] =>
  eventReaders.map(({ worker }) =>
    node(
      `worker:${worker}`,
      "worker",
      worker,
      eventWorkerStatus(parts, worker),
      eventWorkerDetail(parts, worker),
      `/consumers/${parts.observed.prefix}${worker}`,
    ),
  );

const eventWorkerEdges = (parts: Parts): MapEdge[] =>
  eventReaders.flatMap(({ worker }) => {
    const group = groupOf(parts, worker);
    const status = eventWorkerStatus(parts, worker);
    const there = outside[worker];
    return [
      edge(
        `topic:${events}`,
        `worker:${worker}`,
        group?.consumePerSecond ?? null,
        group?.lag ?? null,
        status,
        group?.waiting?.money,
      ),
      ...(there ? [edge(`worker:${worker}`, `outside:${there.id}`, null, null, status)] : []),
    ];
  });

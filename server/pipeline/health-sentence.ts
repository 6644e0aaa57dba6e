import type { Consumers, Known, PipelineMap, Queues } from "#contracts/api/operations";
import { inWords } from "./burrow.ts";
import { count, moneyInWords, sentence } from "./in-words.ts";
import type { MapNode } from "./map-parts.ts";
import type { Observed } from "./read-observed.ts";

type Health = PipelineMap["health"];

/** The first thing to read: the worst that is known, in one sentence. Pure. */
export function healthSentence(
  { known, at, outbox, placedPerSecond, dead }: Observed,
  { groups }: Consumers,
  { families }: Queues,
  nodes: readonly MapNode[],
): Health {
  const away = [brokerAway("Kafka", known.kafka, at), brokerAway("RabbitMQ", known.rabbitmq, at)].filter(
    (one) => one !== null,
  );
  const broken = nodes.filter(({ kind, status }) => kind === "worker" && status === "bad");
  if (broken.length > 0)
    return {
      status: "bad",
      sentence: sentence(
        ...away,
        `${names(broken)} ${broken.length === 1 ? "does" : "do"} not run${costOf(broken, groups)}`,
      ),
      href: first(broken, groups).href,
    };
  if (away.length > 0)
    return { status: "unknown", sentence: sentence(...away), href: known.kafka.isUp ? "/queues" : "/consumers" };
  const outboxNode = nodes.find(({ id }) => id === "outbox");
  if (outboxNode?.status === "bad")
    return {
      status: "bad",
      sentence: sentence(
        `${count(outbox.unsent, "event")} can't leave the outbox`,
        `oldest ${inWords(outbox.oldestMs ?? 0)}`,
      ),
      href: null,
    };
  const paused = nodes.filter(({ kind, status }) => kind === "worker" && status === "paused");
  if (paused.length > 0)
    return {
      status: "busy",
      sentence: sentence(`${names(paused)} ${paused.length === 1 ? "is" : "are"} paused${costOf(paused, groups)}`),
      href: first(paused, groups).href,
    };
  const growing = [
    ...groups
      .filter(({ worker, isGrowing }) => worker !== null && isGrowing)
      .map((group) => `${group.worker} falls behind by ${count(group.lag, "event")}`),
    ...families
      .filter(({ status }) => status === "busy")
      .map(({ name, main }) => `queue ${name} grows, ${main.ready.toLocaleString("en-GB")} wait`),
  ];
  if (growing.length > 0)
    return {
      status: "busy",
      sentence: sentence(...growing.slice(0, 3)),
      href: groups.some(({ worker, isGrowing }) => worker !== null && isGrowing) ? "/consumers" : "/queues",
    };
  const letters = [...dead.values()].reduce((sum, one) => sum + one, 0);
  if (letters > 0)
    return {
      status: "busy",
      sentence: sentence(
        "All workers keep up",
        `${count(letters, "dead letter")} ${letters === 1 ? "waits" : "wait"} for somebody`,
      ),
      href: "/dead-letters",
    };
  return {
    status: "ok",
    sentence: sentence(
      "All is well",
      placedPerSecond !== null && `${Math.round(placedPerSecond * 60).toLocaleString("en-GB")} orders a minute`,
      "nothing falls behind",
    ),
    href: null,
  };
}

const brokerAway = (name: string, { isUp, since, reason }: Known["kafka"], at: Date): string | null => {
  if (isUp) return null;
  if (since === null) return `${name}: ${(reason ?? "unknown").replace(/\.$/, "")}`;
  return `${name} has not been seen for ${inWords(Math.max(0, at.getTime() - Date.parse(since)))}`;
};

/** The orders that wait for one of these workers. */
const waitingAt = (workers: readonly MapNode[], groups: Consumers["groups"]) =>
  groups.find(({ worker, waiting }) => workers.some(({ label }) => label === worker) && (waiting?.orders ?? 0) > 0);

/** What it costs that they do nothing: `: 3 orders wait, 120.00 EUR`. */
function costOf(workers: readonly MapNode[], groups: Consumers["groups"]): string {
  const waiting = waitingAt(workers, groups)?.waiting;
  if (!waiting) return "";
  const money = waiting.money.length > 0 ? `, ${moneyInWords(waiting.money)}` : "";
  return `: ${count(waiting.orders, "order")} ${waiting.orders === 1 ? "waits" : "wait"}${money}`;
}

/** The one to look at: where orders wait, else the first. */
const first = (workers: readonly MapNode[], groups: Consumers["groups"]): MapNode =>
  workers.find(({ label }) => label === waitingAt(workers, groups)?.worker) ?? workers[0]!;

const names = (nodes: readonly MapNode[]): string =>
  nodes.length <= 3 ? nodes.map(({ label }) => label).join(", ") : `${nodes.length} workers`;

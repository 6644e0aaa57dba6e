import type { z } from "zod";
import type { MapEdge, MapNode, PipelineMap } from "#contracts/api/operations";
import type { Tone } from "#contracts/vocabulary";
import { formatRate, UNKNOWN } from "../../_ui/figures.ts";
import { formatMoneys } from "../../_ui/format.ts";

type Node = z.infer<typeof MapNode>;
type Edge = z.infer<typeof MapEdge>;
export type MapStatus = Node["status"];

export const mapStatusLabels: Record<MapStatus, { label: string; tone: Tone }> = {
  ok: { label: "OK", tone: "good" },
  busy: { label: "Busy", tone: "progress" },
  bad: { label: "In trouble", tone: "bad" },
  paused: { label: "Paused", tone: "warn" },
  unknown: { label: "Unknown", tone: "neutral" },
};
const urgency: Record<MapStatus, number> = { bad: 0, paused: 1, unknown: 2, busy: 3, ok: 4 };

const kindLabels: Record<Node["kind"], string> = {
  checkout: "Checkout",
  outbox: "Outbox",
  topic: "Topic",
  worker: "Worker",
  exchange: "Exchange",
  queue: "Queue",
  dead_letters: "Dead letters",
  outside: "Outside",
};

export type Place = { id: string; kind: string; label: string; detail: string; href: string; status: MapStatus };
export type Way = {
  id: string;
  from: string;
  to: string;
  fromLabel: string;
  toLabel: string;
  rate: string;
  waiting: string;
  money: string;
  status: MapStatus;
  /** What the picture writes on it: short lines. */
  lines: string[];
};

/** The places of the picture. Pure. */
export const preparePlaces = ({ nodes }: PipelineMap): Place[] =>
  nodes.map(({ id, kind, label, detail, href, status }) => ({
    id,
    kind: kindLabels[kind],
    label,
    detail,
    href,
    status,
  }));

/** The ways between places that exist; the worst first, so that a table can be read from its top. Pure. */
export function prepareWays({ nodes, edges }: PipelineMap): Way[] {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  return edges
    .filter(({ from, to }) => labels.has(from) && labels.has(to))
    .map((edge, index) => ({
      id: `${edge.from} ${edge.to} ${index}`,
      from: edge.from,
      to: edge.to,
      fromLabel: labels.get(edge.from)!,
      toLabel: labels.get(edge.to)!,
      rate: formatRate(edge.perSecond),
      waiting: edge.waiting === null ? UNKNOWN : edge.waiting.toLocaleString("en-GB"),
      money: formatMoneys(edge.money),
      status: edge.status,
      lines: prepareLines(edge),
    }))
    .toSorted((a, b) => urgency[a.status] - urgency[b.status]);
}

/** What nobody counts is left out of the picture, where it would hide what somebody does; the table says that it is unknown. */
function prepareLines({ perSecond, waiting, money, status }: Edge): string[] {
  if (status === "unknown" && perSecond === null && waiting === null) return [UNKNOWN];
  return [
    ...(perSecond === null ? [] : [formatRate(perSecond)]),
    ...(waiting !== null && waiting > 0 ? [`${waiting.toLocaleString("en-GB")} wait`] : []),
    ...(waiting === null && status === "unknown" ? ["waiting unknown"] : []),
    ...(money.length > 0 ? [formatMoneys(money)] : []),
  ];
}

/** Says the whole picture to those who can't see it, the troubled places by name. Pure. */
export function prepareMapSummary({ nodes, edges }: PipelineMap): string {
  const troubled = nodes.filter(({ status }) => status === "bad").map(({ label }) => label);
  const said = troubled.length === 0 ? "None is in trouble." : `In trouble: ${troubled.join(", ")}.`;
  return `${nodes.length} places and ${edges.length} ways between them. ${said} The table says the same in words.`;
}

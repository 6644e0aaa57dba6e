import { Graph, layout } from "@dagrejs/dagre";

/** px, before any zoom. */
export const PLACE_WIDTH = 186;
export const PLACE_HEIGHT = 54;
const BETWEEN_RANKS = 52;
const BETWEEN_PLACES = 14;

type Point = { x: number; y: number };
export type Layout = {
  /** Top left corners. */
  places: Map<string, Point>;
  ways: Map<string, { path: string; label: Point }>;
};

/** Puts places from left to right in the order in which things flow, and draws the ways around them. Pure. */
export function layOutMap(
  places: readonly { id: string }[],
  ways: readonly { id: string; from: string; to: string }[],
): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: BETWEEN_PLACES, ranksep: BETWEEN_RANKS, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of places) graph.setNode(id, { width: PLACE_WIDTH, height: PLACE_HEIGHT });
  for (const { id, from, to } of ways) graph.setEdge(from, to, {}, id);
  layout(graph);

  const outOf = countBy(ways.map(({ from }) => from));
  const into = countBy(ways.map(({ to }) => to));
  return {
    places: new Map(
      places.map(({ id }) => {
        const { x, y } = graph.node(id) as Point;
        return [id, { x: x - PLACE_WIDTH / 2, y: y - PLACE_HEIGHT / 2 }];
      }),
    ),
    ways: new Map(
      ways.map(({ id, from, to }) => {
        const points = (graph.edge(from, to, id) as { points: Point[] }).points;
        // Where many ways leave one place, or meet in one, the words stand at the other end: there they have room.
        const share = (outOf.get(from) ?? 0) >= (into.get(to) ?? 0) ? 0.66 : 0.34;
        return [id, { path: smooth(points), label: pointAt(points, share) }];
      }),
    ),
  };
}

const countBy = (ids: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

/** A soft line near the points, through the first and the last. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = points.at(-1);
  if (!first || !last) return "";
  const curves = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!;
    const isLast = index === rest.length - 2;
    const to = isLast ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${round(point)} ${round(to)}`;
  });
  return `M${round(first)} ${curves.length > 0 ? curves.join(" ") : `L${round(last)}`}`;
}

const round = ({ x, y }: Point) => `${Math.round(x)},${Math.round(y)}`;

/** The point at a share of the line's length. */
function pointAt(points: readonly Point[], share: number): Point {
  const steps = points
    .slice(1)
    .map((point, index) => Math.hypot(point.x - points[index]!.x, point.y - points[index]!.y));
  let rest = steps.reduce((sum, step) => sum + step, 0) * share;
  for (const [index, step] of steps.entries()) {
    if (rest <= step && step > 0) {
      const [from, to] = [points[index]!, points[index + 1]!];
      return { x: from.x + ((to.x - from.x) * rest) / step, y: from.y + ((to.y - from.y) * rest) / step };
    }
    rest -= step;
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}

import type { Series } from "#contracts/api/operations";
import { formatRate, formatWhole, UNKNOWN } from "../../_ui/figures.ts";
import { formatDuration } from "../../_ui/format.ts";
import type { ChartLine, ChartPoint } from "../../_ui/time-chart.tsx";

type Figure = Exclude<keyof Series["points"][number], "at">;
export type Curve = {
  title: string;
  lines: (ChartLine & { key: Figure })[];
  /** How a value reads on the axis. */
  format(value: number): string;
  /** The curve for those who can't see it. */
  sentence: string;
};

const perMinute = (value: number) => formatRate(value).replace("/s", "/min");

const curves: Omit<Curve, "sentence">[] = [
  {
    title: "Orders per minute",
    lines: [
      { key: "placedPerMinute", name: "placed" },
      { key: "shippedPerMinute", name: "shipped" },
    ],
    format: perMinute,
  },
  {
    title: "Placed to shipped, median",
    lines: [{ key: "latencyMs", name: "placed to shipped" }],
    format: formatDuration,
  },
  { title: "Errors per minute", lines: [{ key: "errorsPerMinute", name: "errors" }], format: perMinute },
  { title: "Lag in Kafka", lines: [{ key: "lag", name: "lag" }], format: formatWhole },
  { title: "Depth in RabbitMQ", lines: [{ key: "depth", name: "depth" }], format: formatWhole },
];

/** The curves of the overview, each with its sentence. Pure. */
export const prepareCurves = ({ points }: Series): Curve[] =>
  curves.map((curve) => ({
    ...curve,
    sentence: curve.lines.map((line) => tell(points, line, curve.format)).join(" "),
  }));

function tell(points: Series["points"], { key, name }: Curve["lines"][number], format: Curve["format"]): string {
  const values = points.flatMap((point) => point[key] ?? []);
  const last = points.at(-1)?.[key] ?? null;
  const highest = values.length === 0 ? UNKNOWN : format(values.reduce((max, value) => Math.max(max, value), 0));
  return `${name}: ${last === null ? UNKNOWN : format(last)} now, ${highest} at most.`;
}

/** Points as the chart wants them; what nobody measured stays a gap. Pure. */
export const preparePoints = ({ points }: Series): ChartPoint[] =>
  points.map(({ at, ...figures }) => ({ t: Date.parse(at), ...figures }));

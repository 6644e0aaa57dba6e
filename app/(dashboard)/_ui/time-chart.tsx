"use client";

import { memo } from "react";
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatClock, formatMinute, useClock, useToday } from "./clock.ts";

const axis = { fontSize: 12, tick: { fill: "var(--mantine-color-dimmed)" }, tickLine: false, axisLine: false } as const;
/** Each line has its own colour and its own dashes: colour is never alone. */
const looks = [
  { stroke: "var(--mantine-color-brand-5)", strokeDasharray: undefined },
  { stroke: "var(--mantine-color-orange-6)", strokeDasharray: "5 3" },
] as const;
const tooltip = { background: "var(--mantine-color-body)", borderColor: "var(--mantine-color-default-border)" };
const HEIGHT = 160;

/** `t` in ms; a null leaves a gap: what nobody measured is not drawn. */
export type ChartPoint = { t: number } & Record<string, number | null>;
export type ChartLine = { key: string; name: string };
export type ChartMark = { t: number; label: string };

type TimeChartProps = {
  points: readonly ChartPoint[];
  lines: readonly ChartLine[];
  marks?: readonly ChartMark[];
  /** The span of time, ms. */
  from: number;
  to: number;
  /** How a value reads. */
  format(value: number): string;
};

/** Lines over time, for eyes only; whoever uses it says the same in words. At most 300 points a line. */
export const TimeChart = memo(function TimeChart({ points, lines, marks = [], from, to, format }: TimeChartProps) {
  const clock = useClock();
  const today = useToday();
  return (
    <div aria-hidden="true">
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart accessibilityLayer={false} data={points} margin={{ left: 0, right: 8, top: 8, bottom: 0 }}>
          <CartesianGrid vertical={false} stroke="var(--mantine-color-default-border)" />
          <XAxis
            dataKey="t"
            type="number"
            domain={[from, to]}
            tickFormatter={(t: number) => formatMinute(new Date(t).toISOString(), clock)}
            minTickGap={40}
            {...axis}
          />
          <YAxis width={56} tickFormatter={format} {...axis} />
          <Tooltip
            isAnimationActive={false}
            contentStyle={tooltip}
            labelFormatter={(t) => formatClock(new Date(Number(t)).toISOString(), clock, today)}
            formatter={(value) => format(Number(value))}
          />
          {marks.map(({ t, label }) => (
            <ReferenceLine key={`${t} ${label}`} x={t} stroke="var(--mantine-color-dimmed)" strokeDasharray="2 2" />
          ))}
          {lines.map(({ key, name }, index) => (
            <Line
              key={key}
              dataKey={key}
              name={name}
              type="linear"
              strokeWidth={2}
              dot={false}
              isAnimationActive={false}
              connectNulls={false}
              {...looks[index % looks.length]}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
});

"use client";

import { VisuallyHidden } from "@mantine/core";
import { memo } from "react";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Overview } from "#contracts/api/overview";
import { preparePlaced } from "./prepare-placed.ts";

const axis = { fontSize: 12, tick: { fill: "var(--mantine-color-dimmed)" }, tickLine: false, axisLine: false } as const;

/** Sixty bars; decides nothing. */
export const PlacedPerMinute = memo(function PlacedPerMinute({ minutes }: { minutes: Overview["placedPerMinute"] }) {
  const bars = preparePlaced(minutes);
  const total = minutes.reduce((sum, { placed }) => sum + placed, 0);
  return (
    <>
      <VisuallyHidden>{total} orders were placed in the last 60 minutes.</VisuallyHidden>
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={180}>
          <BarChart accessibilityLayer={false} data={bars} margin={{ left: -20, right: 0, top: 4, bottom: 0 }}>
            <XAxis dataKey="label" {...axis} interval={9} />
            <YAxis allowDecimals={false} {...axis} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ fill: "var(--mantine-color-default-hover)" }}
              contentStyle={{
                background: "var(--mantine-color-body)",
                borderColor: "var(--mantine-color-default-border)",
              }}
            />
            <Bar
              dataKey="placed"
              name="placed"
              stackId="orders"
              fill="var(--mantine-color-brand-5)"
              isAnimationActive={false}
            />
            <Bar
              dataKey="ended"
              name="failed or cancelled"
              stackId="orders"
              fill="var(--mantine-color-red-6)"
              isAnimationActive={false}
            />
          </BarChart>
        </ResponsiveContainer>
      </div>
    </>
  );
});

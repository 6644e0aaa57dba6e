"use client";

import { Text, Tooltip } from "@mantine/core";
import { formatClock, useClock } from "./clock.ts";

/** A time of day on the chosen clock, with the exact instant in UTC on hover or focus. */
export function Time({ at }: { at: string }) {
  const clock = useClock();
  return (
    <Tooltip label={at.replace("T", " ").replace("Z", " UTC")}>
      <Text component="time" dateTime={at} size="sm" className="numbers" suppressHydrationWarning>
        {formatClock(at, clock)}
      </Text>
    </Tooltip>
  );
}

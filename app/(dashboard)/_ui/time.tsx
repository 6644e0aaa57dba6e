"use client";

import { Text, Tooltip } from "@mantine/core";
import { formatClock, useClock, useToday } from "./clock.ts";

/** An instant on the chosen clock, of another day with its date, and with the exact instant in UTC on hover or focus. */
export function Time({ at }: { at: string }) {
  const clock = useClock();
  const today = useToday();
  return (
    <Tooltip label={at.replace("T", " ").replace("Z", " UTC")}>
      <Text component="time" dateTime={at} size="sm" className="numbers" suppressHydrationWarning>
        {formatClock(at, clock, today)}
      </Text>
    </Tooltip>
  );
}

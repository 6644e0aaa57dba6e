"use client";

import { Badge } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import type { Liveness } from "../_queries/use-live.ts";
import { formatClock, useClock, useToday } from "./clock.ts";
import { formatDuration } from "./format.ts";

/** Says how fresh the page is; what is old is never shown as live. */
export function LiveNote({ state, since }: Liveness) {
  const [, tick] = useState(0);
  const clock = useClock();
  const today = useToday();
  useInterval(() => tick((count) => count + 1), 1_000, { autoInvoke: true });
  const age = Date.now() - since.getTime();
  if (state === "live")
    return (
      <Badge color="teal" variant="dot" tt="none" c="inherit" className="numbers">
        Live · updated {age < 1_000 ? "just now" : `${formatDuration(Math.floor(age / 1_000) * 1_000)} ago`}
      </Badge>
    );
  return (
    <Badge
      color={state === "stale" ? "red" : "gray"}
      variant="dot"
      tt="none"
      c="inherit"
      className="numbers"
      role="status"
    >
      {state === "stale" ? `Stale since ${formatClock(since.toISOString(), clock, today)}, trying again` : "Connecting"}
    </Badge>
  );
}

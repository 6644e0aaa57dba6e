"use client";

import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { standingQuery } from "./dead-letters.ts";

const TICK_MS = 250;

/** The server's time, ms, as the live stream told it: what counts down there must not jump with the browser's clock. */
export function useServerNow(isTicking: boolean): number {
  const aheadMs = useQuery(standingQuery).data?.aheadMs ?? 0;
  const [, tick] = useState(0);
  const { start, stop } = useInterval(() => tick((count) => count + 1), TICK_MS);
  useEffect(() => {
    if (isTicking) start();
    return stop;
  }, [isTicking, start, stop]);
  return Date.now() - aheadMs;
}

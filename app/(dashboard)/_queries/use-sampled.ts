"use client";

import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import type { Liveness } from "./use-live.ts";

/** The sampler looks at the brokers at least every 10 s; what is older than this is not shown as live, ms. */
const OLD_MS = 15_000;

/**
 * How far a sample can be trusted: a dropped stream and a sampler that stands still both make it stale. `at` is the
 * server's time, `now` the browser's, `aheadMs` how far the browser's clock is ahead. Pure.
 */
export function judgeSample(stream: Liveness, at: string | undefined, now: number, aheadMs: number): Liveness {
  if (at === undefined) return stream.state === "stale" ? stream : { state: "connecting", since: stream.since };
  const since = new Date(Math.min(now, Date.parse(at) + aheadMs));
  const isOld = now - since.getTime() > OLD_MS;
  return { state: isOld || stream.state === "stale" ? "stale" : stream.state, since };
}

/** The freshness of a sample taken at `at`, judged anew every second. */
export function useSampled(stream: Liveness, at: string | undefined): Liveness {
  const [, tick] = useState(0);
  useInterval(() => tick((count) => count + 1), 1_000, { autoInvoke: true });
  return judgeSample(stream, at, Date.now(), stream.aheadMs ?? 0);
}

/** The freshness of what the server reads anew every second and sends, changed or not. */
export const useHeard = (stream: Liveness): Liveness =>
  useSampled({ ...stream, aheadMs: 0 }, stream.state === "connecting" ? undefined : stream.since.toISOString());

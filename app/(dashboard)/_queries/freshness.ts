import type { UseQueryResult } from "@tanstack/react-query";
import type { Liveness } from "./use-live.ts";

export type Polled = Pick<
  UseQueryResult,
  "dataUpdatedAt" | "isError" | "isLoadingError" | "isPending" | "error" | "refetch"
>;

/** How fresh a page is that asks again by itself: what the last try could not refresh is stale, and is shown as such. */
export const freshness = ({ dataUpdatedAt, isError }: Polled): Liveness => ({
  state: dataUpdatedAt === 0 ? "connecting" : isError ? "stale" : "live",
  since: dataUpdatedAt === 0 ? new Date() : new Date(dataUpdatedAt),
});

/** How fresh a page is that a stream keeps fresh: what could not be asked for again is stale, whatever the stream says. */
export function streamed(stream: Liveness, query: Polled): Liveness {
  const own = freshness(query);
  return own.state === "live" ? stream : own;
}

/** For a panel: what was once loaded stays on the screen when a later try fails. */
export const panelState = ({ isPending, isLoadingError, error, refetch }: Polled) => ({
  isPending,
  isError: isLoadingError,
  error,
  refetch,
});

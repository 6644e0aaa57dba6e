import type { FrameKind } from "#contracts/api/live";

/** How the browser's one stream is. `sinceMs`: when something was last heard; `aheadMs`: how far the browser's clock is ahead of the server's. */
export type StreamState = { state: "connecting" | "live" | "stale" | "signed-out"; sinceMs: number; aheadMs: number };

/** What a tab says to whoever holds the stream. `want` also says "I am still here", every few seconds. */
export type FromTab = { type: "want"; channels: readonly string[]; isVisible: boolean } | { type: "leave" };

/** What a tab hears. `state` also answers each `want`. */
export type ToTab =
  | ({ type: "state" } & StreamState)
  | { type: "frame"; kind: FrameKind; channel: string; data: string; heardMs: number };

/** Either end of a MessagePort. */
export type Port<In, Out> = {
  postMessage(message: Out): void;
  onmessage: ((event: { data: In }) => void) | null;
};

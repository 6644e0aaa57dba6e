import type { Permission } from "../permissions.ts";

/** Where a browser has its one stream; `?channels=` names what its pages show, with commas between. */
export const LIVE_STREAM = "/api/v1/stream";

/** What can be watched, and who may. Where `isPerKey`, a name continues with what exactly: `order:<order id>`. */
export const liveChannels = {
  /** The whole first screen. */
  overview: { permission: "orders:read", isPerKey: false },
  /** Rows of orders: first the newest, then those that changed. */
  orders: { permission: "orders:read", isPerKey: false },
  order: { permission: "orders:read", isPerKey: true },
  consumers: { permission: "orders:read", isPerKey: false },
  queues: { permission: "orders:read", isPerKey: false },
  map: { permission: "orders:read", isPerKey: false },
  /** Counts of dead letters, and runs under way. */
  letters: { permission: "dead-letters:read", isPerKey: false },
  /** Rows: causes whose letters changed; first those of the last seconds. */
  "letter-news": { permission: "dead-letters:read", isPerKey: false },
  /** One run with its receipt. */
  run: { permission: "dead-letters:read", isPerKey: true },
} as const satisfies Record<string, { permission: Permission; isPerKey: boolean }>;

export type LiveTopic = keyof typeof liveChannels;
type Keyed = { [Topic in LiveTopic]: (typeof liveChannels)[Topic]["isPerKey"] extends true ? Topic : never }[LiveTopic];
/** What one page asks for. */
export type LiveChannel = Exclude<LiveTopic, Keyed> | `${Keyed}:${string}`;

/** A browser asks for no more at a time. */
export const MAX_LIVE_CHANNELS = 100;

/**
 * The kinds of frame. `hello` opens a stream and tells the server's time; `snapshot` is a channel's whole; `delta` the rows
 * that changed, newer rows replace older ones of their id; `same`: read anew, and still as it was; `refused`: this channel
 * can't be had, with the reason; `ended`: the server closes the stream, and why.
 *
 * Each frame of a channel has an id, `<epoch>.<channel>.<number>`; numbers of a channel grow. Last-Event-ID names where to
 * resume: one such id, or several with commas between. A channel that it does not name begins with a snapshot.
 */
export const frameKinds = ["hello", "snapshot", "delta", "same", "refused", "ended"] as const;
export type FrameKind = (typeof frameKinds)[number];

export type FrameId = { epoch: string; channel: string; seq: number };

export const writeFrameId = ({ epoch, channel, seq }: FrameId): string => `${epoch}.${channel}.${seq}`;

/** Null for what is no frame's id. */
export function readFrameId(text: string): FrameId | null {
  const [, epoch, channel, seq] = /^([0-9a-z]{1,20})\.([0-9a-z:-]{1,100})\.(\d{1,15})$/.exec(text.trim()) ?? [];
  return epoch && channel && seq ? { epoch, channel, seq: Number(seq) } : null;
}

export type EndReason = "session" | "shutdown";

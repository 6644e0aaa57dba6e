import type { ServerResponse } from "node:http";
import type { EndReason, FrameKind } from "#contracts/api/live";
import { Problem } from "#server/platform/problem";
import type { Channel, Frame } from "./live-channel.ts";

/** A reader that takes nothing for so long is cut, ms. */
const STALLED_MS = 30_000;
const HEARTBEAT_MS = 15_000;
const heartbeat = Buffer.from(": alive\n\n");

/** One browser's stream. */
export type Reader = {
  /** Goes on from `seq`; without one it begins with a snapshot, which may be refused. */
  follow(channel: Channel, seq: number | undefined, onRefused: (problem: Problem) => void): void;
  unfollow(channel: Channel): void;
  /** Something new is there. `same` goes to whoever is up to date. */
  advance(channel: Channel, same?: Frame): void;
  /** Now and then: what waits for a second try, heartbeats, and the end of a reader that takes nothing. */
  tick(nowMs: number): void;
  tell(kind: FrameKind, data: unknown): void;
  end(reason: EndReason): void;
};

/**
 * Server-sent events over a raw response. A reader is a number per channel: how far it has come. While it is slow nothing is
 * kept for it; when it takes again, each channel says what it misses, merged and in one frame.
 */
export function openReader(response: ServerResponse, onError: (error: Error) => void): Reader {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    connection: "keep-alive",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  type Place = { seq: number | undefined; onRefused(problem: Problem): void };
  const places = new Map<Channel, Place>();
  const beginning = new Set<Channel>();
  let wroteMs = Date.now();
  let stalledSince: number | undefined;
  let hasEnded = false;

  const write = (bytes: Buffer | string): void => {
    // A write after the end is an error that nobody could catch: it would end the process.
    if (hasEnded || response.destroyed) return;
    wroteMs = Date.now();
    if (!response.write(bytes)) stalledSince ??= wroteMs;
  };
  const tell = (kind: FrameKind, data: unknown) => write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  const deliver = (place: Place, frame: Frame) => {
    place.seq = frame.seq;
    write(frame.bytes);
  };
  const advance = (channel: Channel, same?: Frame): void => {
    const place = places.get(channel);
    if (!place || stalledSince || hasEnded || beginning.has(channel)) return;
    const missing = place.seq === undefined ? null : channel.since(place.seq);
    if (missing === null) void begin(channel, place);
    else if (missing) deliver(place, missing);
    else if (same) write(same.bytes);
  };
  /** Begins a channel with a snapshot; where that fails, the next tick tries again. */
  const begin = async (channel: Channel, place: Place): Promise<void> => {
    place.seq = undefined;
    beginning.add(channel);
    try {
      const frame = await channel.snapshot();
      // Who has become slow or left meanwhile begins when it takes again, or never.
      if (stalledSince || !places.has(channel)) return;
      deliver(place, frame);
    } catch (error) {
      if (error instanceof Problem) place.onRefused(error);
      else onError(error as Error);
      return;
    } finally {
      beginning.delete(channel);
    }
    advance(channel);
  };
  const advanceAll = () => {
    for (const channel of places.keys()) advance(channel);
  };
  response.on("drain", () => {
    stalledSince = undefined;
    advanceAll();
  });
  response.write("retry: 1000\n\n");

  return {
    follow(channel, seq, onRefused) {
      places.set(channel, { seq, onRefused });
      advance(channel);
    },
    unfollow: (channel) => void places.delete(channel),
    advance,
    tick(nowMs) {
      if (stalledSince && nowMs - stalledSince > STALLED_MS) return void response.destroy();
      if (!stalledSince && nowMs - wroteMs >= HEARTBEAT_MS) write(heartbeat);
      advanceAll();
    },
    tell,
    end(reason) {
      if (hasEnded) return;
      tell("ended", { reason });
      hasEnded = true;
      // Who takes nothing would hold the stream open as long as it likes.
      if (stalledSince) response.destroy();
      else response.end();
    },
  };
}

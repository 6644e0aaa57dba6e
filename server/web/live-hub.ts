import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type EndReason, readFrameId } from "#contracts/api/live";
import { Problem } from "#server/platform/problem";
import { type Channel, type ChannelSource, createChannel } from "./live-channel.ts";
import { openReader, type Reader } from "./live-reader.ts";

const TICK_MS = 1_000;
/** A channel that nobody follows is kept up for so long: a stream that comes back resumes, ms. */
const LINGER_MS = 10_000;

/** Something that can be watched. `key` is what follows the colon in a channel's name; "" where nothing does. */
export type LiveSource = {
  read(key: string): Promise<unknown>;
  rowId?(row: never): string;
  /** What of a state, or of a row, somebody may see who sees no personal data. */
  mask(shown: never): unknown;
  /** Read anew so often while somebody looks, ms. Left out: whoever owns it publishes. */
  everyMs?: number;
};

/** An open stream, as its owner has it. */
export type LiveStream = {
  channels(): string[];
  /** Ends one channel and says why; nothing without a reason. */
  refuse(channel: string, problem: Problem | null): void;
  /** From here on, personal data too, or no more. */
  see(seesAll: boolean): void;
  end(reason: EndReason): void;
};

type Watched = {
  /** Whole, and masked: each is made for the first who follows it. */
  channels: Map<boolean, Channel>;
  source: LiveSource;
  key: string;
  readers: Map<Reader, Channel>;
  leftMs: number;
  readMs: number;
  isReading: boolean;
  /** Asked for once more while it was being read. */
  isAsked: boolean;
};

/** A state, or rows, as these readers may see it. */
const shown = ({ mask }: LiveSource, seesAll: boolean, told: unknown): unknown => {
  if (seesAll) return told;
  return Array.isArray(told) ? told.map((row) => mask(row as never)) : mask(told as never);
};

/**
 * Who follows what. Every channel is read once for all its readers, and not at all while nobody looks. Who sees no personal
 * data follows a masked channel beside the whole one: the same bytes for all of that kind.
 */
export function startLiveHub(sources: Readonly<Record<string, LiveSource>>, onError: (error: Error) => void) {
  const watched = new Map<string, Watched>();
  const readers = new Set<Reader>();
  const epoch = randomBytes(5).toString("hex");
  let last = 0;
  const sequence = { epoch, next: () => ++last };

  const watch = (name: string): Watched => {
    const known = watched.get(name);
    if (known) return known;
    const [topic, key = ""] = name.split(/:(.*)/s) as [string, string?];
    const source = sources[topic]!;
    const made: Watched = {
      ...{ channels: new Map<boolean, Channel>(), source, key, readers: new Map<Reader, Channel>() },
      ...{ leftMs: 0, readMs: Date.now(), isReading: false, isAsked: false },
    };
    watched.set(name, made);
    return made;
  };
  const channelOf = (name: string, { channels, source, key }: Watched, seesAll: boolean): Channel => {
    const known = channels.get(seesAll);
    if (known) return known;
    const read = async () => shown(source, seesAll, await source.read(key));
    const made = createChannel(name, { ...source, read } as ChannelSource, sequence);
    channels.set(seesAll, made);
    return made;
  };
  const publish = (name: string, state: unknown): void => {
    const one = watched.get(name);
    if (!one) return;
    for (const [seesAll, channel] of one.channels) {
      const same = channel.put(shown(one.source, seesAll, state));
      for (const [reader, followed] of one.readers) if (followed === channel) reader.advance(channel, same);
    }
  };
  /** One reading of a channel at a time: on a slow database they would pile up, and an older one could come last. */
  const refresh = async (name: string): Promise<void> => {
    const one = watched.get(name);
    if (!one) return;
    one.isAsked = true;
    if (one.isReading) return;
    one.isReading = true;
    try {
      while (one.isAsked) {
        one.isAsked = false;
        one.readMs = Date.now();
        publish(name, await one.source.read(one.key));
      }
    } catch (error) {
      // A refusal is told to whoever begins to read; what is there no more stays as it was.
      if (!(error instanceof Problem)) onError(error as Error);
    } finally {
      one.isReading = false;
    }
  };
  const pace = setInterval(() => {
    const nowMs = Date.now();
    for (const [name, { source, readMs }] of watched)
      if (source.everyMs && nowMs - readMs >= source.everyMs) void refresh(name);
  }, TICK_MS / 4);
  const tick = setInterval(() => {
    const nowMs = Date.now();
    for (const [name, one] of watched)
      if (one.readers.size === 0 && nowMs - one.leftMs > LINGER_MS) watched.delete(name);
    for (const reader of readers) reader.tick(nowMs);
  }, TICK_MS);

  return {
    epoch,
    publish,
    refresh,
    /** Rows that changed, for all who follow this channel of rows. */
    change(name: string, rows: readonly unknown[]): void {
      const one = watched.get(name);
      if (!one) return;
      for (const [seesAll, channel] of one.channels) channel.change(shown(one.source, seesAll, rows) as unknown[]);
      for (const [reader, channel] of one.readers) reader.advance(channel);
    },
    /** Changes may have been missed, of one channel or of all: what is shown is read anew. */
    missed(only?: string): void {
      for (const [name, { channels, source, readers }] of watched) {
        if (only !== undefined && name !== only) continue;
        if (source.everyMs) void refresh(name);
        else for (const channel of channels.values()) channel.forget();
        for (const [reader, channel] of readers) reader.advance(channel);
      }
    },
    isWatched: (name: string): boolean => watched.has(name),
    /** What exactly is watched of a topic whose names continue with a key. */
    watchedKeys: (topic: string): string[] =>
      [...watched.keys()].filter((name) => name.startsWith(`${topic}:`)).map((name) => name.slice(topic.length + 1)),
    /** Opens a stream. `lastEventId` says how far its reader has come, see the contract. */
    open(response: ServerResponse, names: readonly string[], lastEventId: string, mayAll: boolean): LiveStream {
      const reader = openReader(response, onError);
      const followed = new Map<string, Watched>();
      let seesAll = mayAll;
      const leave = (name: string) => {
        const one = followed.get(name);
        if (!one) return;
        const channel = one.readers.get(reader);
        followed.delete(name);
        one.readers.delete(reader);
        one.leftMs = Date.now();
        if (channel) reader.unfollow(channel);
      };
      const refuse = (name: string, problem: Problem | null) => {
        if (!problem) return;
        leave(name);
        reader.tell("refused", { channel: name, status: problem.status, detail: problem.detail });
      };
      reader.tell("hello", { epoch, at: new Date().toISOString() });
      readers.add(reader);
      const follow = (name: string, one: Watched, seq: number | undefined) => {
        const channel = channelOf(name, one, seesAll);
        followed.set(name, one);
        one.readers.set(reader, channel);
        reader.follow(channel, seq, (problem) => refuse(name, problem));
      };
      const places = new Map(lastEventId.split(",").map((text) => [readFrameId(text)?.channel, readFrameId(text)]));
      for (const name of names) {
        const place = places.get(name);
        follow(name, watch(name), place?.epoch === epoch ? place.seq : undefined);
      }
      response.once("close", () => {
        readers.delete(reader);
        for (const name of [...followed.keys()]) leave(name);
      });
      return {
        channels: () => [...followed.keys()],
        refuse,
        see(mayNow) {
          if (mayNow === seesAll) return;
          seesAll = mayNow;
          for (const [name, one] of [...followed]) {
            leave(name);
            follow(name, one, undefined);
          }
        },
        end: reader.end,
      };
    },
    stop(reason: EndReason = "shutdown"): void {
      clearInterval(pace);
      clearInterval(tick);
      for (const reader of readers) reader.end(reason);
    },
  };
}

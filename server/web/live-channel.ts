import { type FrameKind, writeFrameId } from "#contracts/api/live";

/** The same bytes for every reader. */
export type Frame = { seq: number; bytes: Buffer };

/** Rows remembered for those who are behind; who is further behind gets a snapshot. */
const REMEMBERED_ROWS = 1_000;
/** Many who begin at the same time share one reading, ms. */
const SHARED_MS = 250;

/** What a channel is made of. */
export type ChannelSource<State = unknown, Row = unknown> = {
  /** The whole, read once for all who look. @throws Problem where there is no such thing. */
  read(): Promise<State>;
  /** For a channel of rows: what tells one from another. Left out, the newest state replaces the one before it. */
  rowId?(row: Row): string;
};

/** One thing that is watched. It knows what each reader misses, so nothing has to be kept per reader but a number. */
export type Channel = {
  readonly name: string;
  /** What brings a reader who has `seq` up to date: nothing where it is, null where only a snapshot can. */
  since(seq: number): Frame | null | undefined;
  /** The whole; shared by all who ask at the same time. @throws what the source throws. */
  snapshot(): Promise<Frame>;
  /** A new state. @returns the frame that says "still so", where it is the one before. */
  put(state: unknown): Frame | undefined;
  /** Rows that changed. */
  change(rows: readonly unknown[]): void;
  /** Changes were missed: everybody needs a snapshot. */
  forget(): void;
};

/** Hub-wide: a channel that is made anew under its old name never counts a reader's old number as its own. */
export type Sequence = { epoch: string; next(): number };

export function createChannel(name: string, source: ChannelSource, { epoch, next }: Sequence): Channel {
  const frame = (kind: FrameKind, seq: number, json: string): Frame => ({
    seq,
    bytes: Buffer.from(`event: ${kind}\nid: ${writeFrameId({ epoch, channel: name, seq })}\ndata: ${json}\n\n`),
  });
  return source.rowId ? rowChannel(name, source, source.rowId, next, frame) : stateChannel(name, source, next, frame);
}

type MakeFrame = (kind: FrameKind, seq: number, json: string) => Frame;

/** Shows a thing as a whole: who is behind needs the newest state only. */
function stateChannel(name: string, source: ChannelSource, next: () => number, frame: MakeFrame): Channel {
  let latest: (Frame & { json: string }) | undefined;
  let reading: Promise<Frame> | undefined;
  const put = (state: unknown): Frame | undefined => {
    const json = JSON.stringify(state);
    if (latest?.json === json) return frame("same", latest.seq, "{}");
    latest = { ...frame("snapshot", next(), json), json };
    return undefined;
  };
  return {
    name,
    put,
    since: (seq) => (latest === undefined ? null : seq === latest.seq ? undefined : latest),
    async snapshot() {
      if (latest) return latest;
      reading ??= source.read().then((state) => {
        // Somebody may have put a newer one meanwhile.
        if (!latest) put(state);
        return latest!;
      });
      try {
        return await reading;
      } finally {
        reading = undefined;
      }
    },
    change() {
      throw new Error(`${name} has no rows`);
    },
    forget() {
      latest = undefined;
    },
  };
}

/** Shows rows of something too long to be sent whole: who is behind gets all rows that changed meanwhile, each once. */
function rowChannel(
  name: string,
  source: ChannelSource,
  rowId: (row: unknown) => string,
  next: () => number,
  frame: MakeFrame,
): Channel {
  /** The newest changes, oldest first. */
  const changed = new Map<string, { seq: number; row: unknown }>();
  const deltas = new Map<number, Frame>();
  let at = next();
  /** Who has less than this misses rows that are not remembered. */
  let floor = at;
  let shared: { untilMs: number; frame: Promise<Frame> } | undefined;
  return {
    name,
    since(seq) {
      if (seq === at) return undefined;
      if (seq < floor || seq > at) return null;
      const known = deltas.get(seq);
      if (known) return known;
      const rows = [...changed.values()].filter((one) => one.seq > seq).map(({ row }) => row);
      const delta = frame("delta", at, JSON.stringify(rows));
      deltas.set(seq, delta);
      return delta;
    },
    snapshot() {
      if (shared && Date.now() < shared.untilMs) return shared.frame;
      // Numbered before it is read: what changes meanwhile comes again as a delta, never not at all.
      const seq = at;
      const read = source.read().then((rows) => frame("snapshot", seq, JSON.stringify(rows)));
      shared = { untilMs: Date.now() + SHARED_MS, frame: read };
      read.catch(() => {
        shared = undefined;
      });
      return read;
    },
    put() {
      throw new Error(`${name} has rows: say which changed`);
    },
    change(rows) {
      if (rows.length === 0) return;
      at = next();
      deltas.clear();
      for (const row of rows) {
        const id = rowId(row);
        changed.delete(id);
        changed.set(id, { seq: at, row });
      }
      for (const [id, { seq }] of changed) {
        if (changed.size <= REMEMBERED_ROWS) break;
        changed.delete(id);
        floor = seq;
        // A snapshot from before would send its reader round in a circle.
        shared = undefined;
      }
    },
    forget() {
      at = next();
      floor = at;
      changed.clear();
      deltas.clear();
      shared = undefined;
    },
  };
}

import type { FromTab, Port, StreamState, ToTab } from "./messages.ts";
import { readStream } from "./read-stream.ts";
import { shareStream } from "./share-stream.ts";

const SAY_MS = 5_000;
/** Every word to the holder of the stream is answered; one that is silent for so long has died, ms. */
const DEAD_MS = 12_000;
/** One that never says a word was not started, ms. */
const STILLBORN_MS = 3_000;
const WORKERS_TRIED = 2;

export type LiveFrame = Omit<ToTab & { type: "frame" }, "type">;

/** A part of the page that shows something live. */
export type LiveListener = {
  channels: readonly string[];
  onFrame(frame: LiveFrame): void;
  /** The stream broke, came back, or ended. */
  onState(): void;
};

type TabEnd = Port<ToTab, FromTab>;

/** The browser's shared worker. */
function connect(onBroken: () => void): TabEnd {
  const worker = new SharedWorker(new URL("./live-worker.ts", import.meta.url), { name: "live", type: "module" });
  worker.onerror = onBroken;
  return worker.port as TabEnd;
}

/** Where there is no shared worker, or it can't be started, this tab has a stream of its own. */
function alone(): TabEnd {
  const { port1, port2 } = new MessageChannel();
  shareStream(readStream).join(port1 as Port<FromTab, ToTab>);
  return port2 as TabEnd;
}

/** This tab's end: says what the tab shows and whether it is seen, and hands out what comes. */
function startLink() {
  const listeners = new Set<LiveListener>();
  /** When each channel that is shown was last heard of, since it is shown and seen. */
  const heard = new Map<string, number>();
  let state: StreamState = { state: "connecting", sinceMs: Date.now(), aheadMs: 0 };
  let heardMs = Date.now();
  let end: TabEnd | undefined;
  let tried = 0;

  const say = () => {
    const channels = new Set([...listeners].flatMap((listener) => listener.channels));
    const isVisible = document.visibilityState === "visible";
    for (const name of [...heard.keys()]) if (!isVisible || !channels.has(name)) heard.delete(name);
    end?.postMessage({ type: "want", channels: [...channels], isVisible });
  };
  const become = (next: StreamState) => {
    if (next.state === "signed-out") window.location.assign("/sign-in");
    state = next;
    for (const { onState } of [...listeners]) onState();
  };
  const use = (next: TabEnd) => {
    end?.postMessage({ type: "leave" });
    if (end) end.onmessage = null;
    end = next;
    heardMs = Date.now();
    end.onmessage = ({ data: { type, ...message } }) => {
      heardMs = Date.now();
      // It lives: should it die one day, it is tried again.
      tried = 0;
      if (type === "state") return become(message as StreamState);
      const frame = message as LiveFrame;
      if (frame.kind !== "refused") heard.set(frame.channel, frame.heardMs);
      for (const { channels, onFrame } of [...listeners]) if (channels.includes(frame.channel)) onFrame(frame);
    };
    say();
  };
  const start = () => {
    let hasFailed = false;
    const again = () => {
      if (!hasFailed && tried > 0) start();
      hasFailed = true;
    };
    const isAlone = typeof SharedWorker === "undefined" || tried >= WORKERS_TRIED;
    tried += 1;
    use(isAlone ? alone() : connect(again));
    if (!isAlone) setTimeout(again, STILLBORN_MS);
  };
  start();
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    if (Date.now() - heardMs > DEAD_MS) {
      heard.clear();
      become({ ...state, state: "stale" });
      start();
    } else say();
  }, SAY_MS);
  document.addEventListener("visibilitychange", () => {
    // Timers of a hidden tab sleep: its silence means nothing.
    heardMs = Date.now();
    say();
    for (const { onState } of [...listeners]) onState();
  });
  addEventListener("pagehide", () => end?.postMessage({ type: "leave" }));
  addEventListener("pageshow", say);

  return {
    state: () => state,
    /** When this channel was last heard of, ms; undefined = not since it is shown and seen. */
    heardMs: (channel: string) => heard.get(channel),
    listen(listener: LiveListener): () => void {
      listeners.add(listener);
      say();
      return () => {
        listeners.delete(listener);
        say();
      };
    },
  };
}

let link: ReturnType<typeof startLink> | undefined;

/** This tab's link to the browser's stream; made when the first page shows something live. */
export const liveLink = () => {
  link ??= startLink();
  return link;
};

import { readFrameId } from "#contracts/api/live";
import type { FromTab, Port, StreamState, ToTab } from "./messages.ts";
import type { ServerEvent } from "./parse-events.ts";
import type { OpenStream } from "./read-stream.ts";

/** A visible tab says every few seconds that it is there; one that says nothing for so long is gone, ms. */
const GONE_MS = 15_000;
/** What a hidden tab shows is kept up for so long, in case it is looked at again, ms. */
const HIDDEN_MS = 60_000;
/** Tabs that open or turn a page at the same time change the stream once, ms. */
const SETTLE_MS = 50;
const RETRY_MS = { first: 1_000, most: 5_000 };

type TabPort = Port<FromTab, ToTab>;
type Tab = { port: TabPort; channels: ReadonlySet<string>; isVisible: boolean; untilMs: number };

/**
 * One stream for all tabs that join, of all that any of them shows: a tab more costs the server nothing. Only visible tabs
 * get frames; when the last one is hidden or gone for a while, the stream ends. A tab that joins gets the newest snapshot from
 * here, or the server sends one.
 */
export function shareStream(open: OpenStream) {
  const tabs = new Set<Tab>();
  /** How far each channel has come: the ids to resume from. */
  const ids = new Map<string, string>();
  /** The newest snapshot per channel, while no delta came after it. */
  const snapshots = new Map<string, ToTab & { type: "frame" }>();
  let state: StreamState = { state: "connecting", sinceMs: Date.now(), aheadMs: 0 };
  let stream: { channels: string; close(): void } | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let mustReopen = false;

  const tellAll = (message: ToTab) => {
    for (const { port } of tabs) port.postMessage(message);
  };
  const become = (change: Partial<StreamState>) => {
    const { state: before } = state;
    state = { ...state, ...change };
    if (state.state !== before) tellAll({ type: "state", ...state });
  };
  const wanted = (): string[] => {
    const now = Date.now();
    const here = [...tabs].filter(({ untilMs }) => untilMs > now);
    return [...new Set(here.flatMap(({ channels }) => [...channels]))].sort();
  };
  const close = () => {
    stream?.close();
    stream = undefined;
  };
  const forget = () => {
    ids.clear();
    snapshots.clear();
  };

  const onEvent = ({ kind, id, data }: ServerEvent) => {
    const heardMs = Date.now();
    failures = 0;
    state = { ...state, sinceMs: heardMs };
    if (kind === "hello") {
      become({ state: "live", aheadMs: heardMs - Date.parse((JSON.parse(data) as { at: string }).at) });
    } else if (kind === "ended") {
      if ((JSON.parse(data) as { reason: string }).reason === "session") signOut();
    } else if (kind === "refused") {
      const { channel } = JSON.parse(data) as { channel: string };
      deliver({ type: "frame", kind, channel, data, heardMs });
    } else if (kind === "snapshot" || kind === "delta" || kind === "same") {
      const channel = readFrameId(id)?.channel;
      if (!channel) return;
      ids.set(channel, id);
      const frame = { type: "frame", kind, channel, data, heardMs } as const;
      if (kind === "snapshot") snapshots.set(channel, frame);
      if (kind === "delta") snapshots.delete(channel);
      const known = snapshots.get(channel);
      if (known && kind === "same") snapshots.set(channel, { ...known, heardMs });
      deliver(frame);
    }
  };
  const deliver = (frame: ToTab & { type: "frame" }) => {
    for (const { port, channels, isVisible } of tabs)
      if (isVisible && channels.has(frame.channel)) port.postMessage(frame);
  };
  const signOut = () => {
    close();
    forget();
    become({ state: "signed-out" });
  };
  const onEnd = (status: number | null, retryAfterMs: number) => {
    stream = undefined;
    if (status === 401) return signOut();
    become({ state: "stale" });
    const waitMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures) * (0.75 + Math.random() / 2);
    failures += 1;
    settleIn(Math.max(waitMs, retryAfterMs));
  };

  const settleIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(settle, ms);
  };
  /** Makes the stream carry what is wanted now. */
  const settle = () => {
    timer = undefined;
    if (state.state === "signed-out") return;
    const channels = wanted();
    if (channels.length === 0) {
      close();
      forget();
      return become({ state: "connecting" });
    }
    if (stream?.channels === channels.join() && !mustReopen) return;
    mustReopen = false;
    close();
    for (const name of [...ids.keys()].filter((name) => !channels.includes(name))) {
      ids.delete(name);
      snapshots.delete(name);
    }
    stream = { channels: channels.join(), close: open(channels, [...ids.values()].join(","), { onEvent, onEnd }) };
  };

  const want = (tab: Tab, { channels, isVisible }: FromTab & { type: "want" }) => {
    const had = tab.isVisible ? tab.channels : new Set<string>();
    tab.channels = new Set(channels);
    tab.isVisible = isVisible;
    tab.untilMs = Date.now() + (isVisible ? GONE_MS : HIDDEN_MS);
    // Somebody who signed in again in this tab is heard again.
    if (state.state === "signed-out") become({ state: "connecting" });
    tab.port.postMessage({ type: "state", ...state });
    for (const channel of isVisible ? channels : []) {
      if (had.has(channel)) continue;
      const snapshot = snapshots.get(channel);
      if (snapshot) tab.port.postMessage(snapshot);
      // Others have come too far for this tab: the channel begins anew, for all.
      else if (ids.delete(channel)) mustReopen = true;
    }
    if (mustReopen || stream?.channels !== wanted().join()) ask();
  };
  /** A retry that waits is not brought forward by tabs that say they are there. */
  const ask = () => {
    if (!timer) settleIn(SETTLE_MS);
  };
  const sweep = setInterval(() => {
    // Whoever is still there will say so, and joins again by that.
    for (const tab of tabs) if (tab.untilMs < Date.now()) tabs.delete(tab);
    if (stream && stream.channels !== wanted().join()) ask();
  }, 1_000);

  return {
    join(port: TabPort): void {
      const tab: Tab = { port, channels: new Set(), isVisible: false, untilMs: 0 };
      port.onmessage = ({ data }) => {
        if (data.type === "want") {
          tabs.add(tab);
          return want(tab, data);
        }
        tabs.delete(tab);
        ask();
      };
    },
    stop(): void {
      clearInterval(sweep);
      clearTimeout(timer);
      close();
    },
  };
}

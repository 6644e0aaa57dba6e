import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { FromTab, Port, ToTab } from "./messages.ts";
import type { OpenStream, StreamListener } from "./read-stream.ts";
import { shareStream } from "./share-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A browser with tabs, and the server's side of its streams in the test's hand. */
function browser() {
  const opened: { channels: readonly string[]; lastEventId: string; listener: StreamListener; isOpen: boolean }[] = [];
  const open: OpenStream = (channels, lastEventId, listener) => {
    const stream = { channels, lastEventId, listener, isOpen: true };
    opened.push(stream);
    return () => {
      stream.isOpen = false;
    };
  };
  const shared = shareStream(open);
  onTestFinished(() => shared.stop());
  const now = () => opened.at(-1)!;
  return {
    opened,
    now,
    settle: () => vi.advanceTimersByTime(100),
    hello: () =>
      now().listener.onEvent({ kind: "hello", id: "", data: JSON.stringify({ at: new Date().toISOString() }) }),
    send(kind: string, channel: string, seq: number, data: unknown = {}) {
      now().listener.onEvent({ kind, id: `e.${channel}.${seq}`, data: JSON.stringify(data) });
    },
    openTab(...channels: string[]) {
      const heard: ToTab[] = [];
      const port: Port<FromTab, ToTab> = { postMessage: (message) => void heard.push(message), onmessage: null };
      shared.join(port);
      const say = (message: FromTab) => port.onmessage?.({ data: message });
      const want = (isVisible = true, wanted = channels) => say({ type: "want", channels: wanted, isVisible });
      want();
      return {
        want,
        leave: () => say({ type: "leave" }),
        frames: () =>
          heard.flatMap((message) => (message.type === "frame" ? [`${message.kind} ${message.channel}`] : [])),
        heardMs: () => heard.findLast((message) => message.type === "frame")?.heardMs,
        state: () => heard.findLast((message) => message.type === "state")!.state,
        clear: () => void heard.splice(0),
      };
    },
  };
}

test("all tabs share one stream of all that any of them shows", () => {
  const { openTab, settle, opened, hello, send } = browser();
  const [one, two] = [openTab("overview", "map"), openTab("map")];
  settle();
  expect(opened.map(({ channels }) => channels)).toEqual([["map", "overview"]]);
  hello();
  send("snapshot", "overview", 1);
  send("snapshot", "map", 2);
  expect(one.frames()).toEqual(["snapshot overview", "snapshot map"]);
  expect(two.frames()).toEqual(["snapshot map"]);
  expect([one.state(), two.state()]).toEqual(["live", "live"]);
});

test("a tab that joins gets the newest snapshot at once, and the stream stays as it is", () => {
  const { openTab, settle, opened, hello, send } = browser();
  openTab("map");
  settle();
  hello();
  send("snapshot", "map", 1);
  const late = openTab("map");
  settle();
  expect(late.frames()).toEqual(["snapshot map"]);
  expect(opened).toHaveLength(1);
});

test("what is still so is as fresh to a tab that joins as to the others", () => {
  const { openTab, settle, hello, send } = browser();
  openTab("order:1");
  settle();
  hello();
  send("snapshot", "order:1", 1);
  vi.advanceTimersByTime(10_000);
  send("same", "order:1", 1);
  expect(openTab("order:1").heardMs()).toBe(Date.now());
});

test("where deltas have come since, a tab that joins makes the channel begin anew; the others resume", () => {
  const { openTab, settle, opened, hello, send, now } = browser();
  openTab("orders", "map");
  settle();
  hello();
  send("snapshot", "orders", 1);
  send("snapshot", "map", 2);
  send("delta", "orders", 3);
  openTab("orders");
  settle();
  expect(opened).toHaveLength(2);
  expect(now()).toMatchObject({ channels: ["map", "orders"], lastEventId: "e.map.2" });
});

test("a page turned in one tab changes the stream, and the rest of it resumes", () => {
  const { openTab, settle, hello, send, now, opened } = browser();
  const tab = openTab("overview", "map");
  settle();
  hello();
  send("snapshot", "map", 5);
  tab.want(true, ["map", "queues"]);
  settle();
  expect(opened.map(({ isOpen }) => isOpen)).toEqual([false, true]);
  expect(now()).toMatchObject({ channels: ["map", "queues"], lastEventId: "e.map.5" });
});

test("when the stream breaks every tab is stale since it was last heard; a new one resumes, later and later", () => {
  const { openTab, settle, hello, send, now, opened } = browser();
  const [one, two] = [openTab("map"), openTab("map")];
  settle();
  hello();
  send("snapshot", "map", 1);
  for (const waitMs of [1_250, 2_500, 5_000, 6_250, 6_250]) {
    now().listener.onEnd(null, 0);
    const before = opened.length;
    vi.advanceTimersByTime(waitMs * 0.6 - 1);
    expect(opened).toHaveLength(before);
    vi.advanceTimersByTime(waitMs);
    expect(opened).toHaveLength(before + 1);
    expect([one.state(), two.state()]).toEqual(["stale", "stale"]);
    for (const tab of [one, two]) tab.want();
  }
  expect(now().lastEventId).toBe("e.map.1");
  hello();
  expect([one.state(), two.state()]).toEqual(["live", "live"]);
});

test("a server that asks for patience gets it", () => {
  const { openTab, settle, now, opened } = browser();
  const tab = openTab("map");
  settle();
  now().listener.onEnd(429, 9_000);
  for (let ms = 0; ms < 8_500; ms += 500) {
    vi.advanceTimersByTime(500);
    tab.want();
  }
  expect(opened).toHaveLength(1);
  vi.advanceTimersByTime(500);
  expect(opened).toHaveLength(2);
});

test("hidden tabs get nothing; a minute after the last is hidden the stream ends, and begins anew with snapshots", () => {
  const { openTab, settle, hello, send, now } = browser();
  const tab = openTab("map");
  settle();
  hello();
  send("snapshot", "map", 1);
  tab.want(false);
  tab.clear();
  send("snapshot", "map", 2);
  vi.advanceTimersByTime(55_000);
  expect(tab.frames()).toEqual([]);
  expect(now().isOpen).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect(now().isOpen).toBe(false);
  tab.want();
  expect(tab.state()).toBe("connecting");
  settle();
  expect(now()).toMatchObject({ isOpen: true, lastEventId: "" });
});

test("a hidden tab that is looked at within the minute has the newest snapshot at once", () => {
  const { openTab, settle, hello, send, opened } = browser();
  const tab = openTab("map");
  settle();
  hello();
  send("snapshot", "map", 1);
  tab.want(false);
  send("snapshot", "map", 2);
  tab.clear();
  tab.want();
  settle();
  expect(tab.frames()).toEqual(["snapshot map"]);
  expect(opened).toHaveLength(1);
});

test("a tab that crashed without a word is forgotten; one that left is forgotten at once", () => {
  const { openTab, settle, now } = browser();
  const [stays, leaves] = [openTab("map"), openTab("queues")];
  openTab("overview");
  settle();
  leaves.leave();
  settle();
  expect(now().channels).toEqual(["map", "overview"]);
  for (let ms = 0; ms < 16_000; ms += 4_000) {
    vi.advanceTimersByTime(4_000);
    stays.want();
  }
  vi.advanceTimersByTime(2_000);
  expect(now().channels).toEqual(["map"]);
});

test("a session that ended ends the stream for every tab, and it is not tried again by itself", () => {
  const { openTab, settle, hello, now, opened } = browser();
  const [one, two] = [openTab("map"), openTab("map")];
  settle();
  hello();
  now().listener.onEvent({ kind: "ended", id: "", data: '{"reason":"session"}' });
  expect([one.state(), two.state()]).toEqual(["signed-out", "signed-out"]);
  vi.advanceTimersByTime(60_000);
  expect(opened).toHaveLength(1);
  two.clear();
  openTab("map");
  settle();
  now().listener.onEnd(401, 0);
  expect(opened).toHaveLength(2);
});

import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import { LetterNewsRow, LettersFrame } from "#contracts/api/letter-frames";
import type { LiveTopic } from "#contracts/api/live";
import { Consumers, PipelineMap, Queues } from "#contracts/api/operations";
import { OrderDetail, OrderRow } from "#contracts/api/orders";
import { Overview } from "#contracts/api/overview";
import { RunDetail } from "#contracts/api/replays";
import { DEAD_LETTERS_CHANNEL, readLetterNews } from "#server/dead-letters/letter-news";
import { getOrderDetail, listOrders, listOrdersById } from "#server/orders/order-queries";
import { readOverview } from "#server/orders/overview";
import { ORDER_VIEWS_CHANNEL } from "#server/orders/project-orders";
import { OBSERVED_CHANNEL } from "#server/pipeline/observe-channels";
import { findOpenSessions, findSession } from "#server/platform/auth";
import { listen } from "#server/platform/listen";
import { log } from "#server/platform/log";
import { masked, seesPersonalData } from "#server/platform/personal-data";
import { Problem } from "#server/platform/problem";
import { letterFrames, readRun } from "./letter-frames.ts";
import { readAsked, refuseChannel } from "./live-asked.ts";
import { type LiveSource, type LiveStream, startLiveHub } from "./live-hub.ts";
import { observedChannels, observedFrames } from "./observed-frames.ts";
import { throttle } from "./throttle.ts";
import { toHeaders } from "./to-headers.ts";
import { workersState } from "./workers-state.ts";

/** Four frames per second and channel, at most. */
const FRAME_MS = 250;
const EVERY_MS = 1_000;
const SESSION_CHECK_MS = 5_000;
const STREAMS_PER_USER = 20;
const STREAMS = 2_000;
const NEWEST_ORDERS = 50;
/** More orders than this changed at once: a snapshot says it shorter. */
const MOST_CHANGED = 1_000;

/** What each channel shows, of rows one: the contract says what is personal in it. */
const shapes: Record<LiveTopic, z.ZodType> = {
  overview: Overview,
  orders: OrderRow,
  order: OrderDetail,
  consumers: Consumers,
  queues: Queues,
  map: PipelineMap,
  letters: LettersFrame,
  "letter-news": LetterNewsRow,
  run: RunDetail,
};
/** Parsed first: what no contract names is shown to nobody who may not see all. */
const maskOf = (topic: LiveTopic) => (told: never) => masked(shapes[topic], shapes[topic].parse(told));

type Open = { stream: LiveStream; sessionId: string };

/**
 * The live side of the dashboard: each thing that is watched is read once for all viewers, and not at all while nobody looks.
 * What can be watched stands in `contracts/api/live.ts`; where it comes from, here.
 * A viewer whose session ended is cut within 5 s, at once where he signs out; a channel his role may no more see, likewise. Who sees
 * no personal data follows masked channels.
 */
export function startLive() {
  const open = new Set<Open>();
  /** Whose each open stream is, from the moment it is asked for. */
  const places = new Map<ServerResponse, string>();
  const changed = new Set<string>();
  const complain = (error: Error) => log().warn({ error: error.message }, "live views pause");

  const read: Record<LiveTopic, Omit<LiveSource, "mask">> = {
    overview: { everyMs: EVERY_MS, read: async () => ({ ...(await readOverview()), workers: workersState() }) },
    orders: {
      read: async () => (await listOrders({ limit: NEWEST_ORDERS })).orders,
      rowId: ({ orderId }: OrderRow) => orderId,
    },
    // Mails, documents and webhooks are not the projection's news: an open order page is read anew once a second.
    order: { everyMs: EVERY_MS, read: getOrderDetail },
    consumers: { read: async () => (await observed.current()).consumers },
    queues: { read: async () => (await observed.current()).queues },
    map: { read: async () => (await observed.current()).map },
    letters: { read: () => letters.current() },
    "letter-news": { read: async () => letters.recentNews(), rowId: ({ groupId }: LetterNewsRow) => groupId ?? "any" },
    run: { read: readRun },
  };
  const topics = Object.keys(shapes) as LiveTopic[];
  const sources = topics.map((topic) => [topic, { ...read[topic], mask: maskOf(topic) }] as const);
  const hub = startLiveHub(Object.fromEntries(sources), complain);
  const observed = observedFrames({
    hasViewers: () => observedChannels.some(hub.isWatched),
    send(views) {
      for (const name of observedChannels) hub.publish(name, views[name]);
    },
    onError: (error) => log().warn({ error: error.message }, "what was observed is not shown for a moment"),
  });
  const letters = letterFrames({
    isWatched: () => hub.isWatched("letters"),
    watchedRuns: () => hub.watchedKeys("run"),
    send(frame, news) {
      hub.publish("letters", frame);
      hub.change("letter-news", news);
    },
    sendRun: (runId, detail) => hub.publish(`run:${runId}`, detail),
    onError: (error) => log().warn({ error: error.message }, "dead letters are not shown live for a moment"),
  });
  const sendChanges = throttle(FRAME_MS, complain, async () => {
    const ids = [...changed];
    changed.clear();
    for (const id of ids) void hub.refresh(`order:${id}`);
    if (!hub.isWatched("orders")) return;
    if (ids.length > MOST_CHANGED) return hub.missed("orders");
    try {
      hub.change("orders", await listOrdersById(ids));
    } catch (error) {
      // What was not read is told with the next change, or by whoever asks for the whole.
      hub.missed("orders");
      throw error;
    }
  });
  const changes = listen("live-changes", {
    on: {
      [OBSERVED_CHANNEL]: () => observed.onObserved(),
      [DEAD_LETTERS_CHANNEL]: (payload) => letters.onNews(readLetterNews(payload)),
      [ORDER_VIEWS_CHANNEL](payload) {
        for (const id of JSON.parse(payload || "[]") as string[]) changed.add(id);
        sendChanges();
      },
    },
    onGap() {
      letters.onNews({ groupIds: null, runIds: null });
      hub.missed();
    },
  });

  const checkSessions = async () => {
    const going = await findOpenSessions([...open].map(({ sessionId }) => sessionId));
    for (const { stream, sessionId } of open) {
      const viewer = going.get(sessionId);
      if (!viewer) {
        stream.end("session");
        continue;
      }
      for (const name of stream.channels()) stream.refuse(name, refuseChannel(viewer, name));
      stream.see(seesPersonalData(viewer));
    }
  };
  const check = () => void (open.size > 0 && checkSessions().catch(complain));
  const checking = setInterval(check, SESSION_CHECK_MS);

  return {
    /** Answers a stream's request. @throws Problem 400, 401, 403, 429. */
    async open(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const found = await findSession(toHeaders(request), true);
      if (!found) throw new Problem(401, "not_signed_in", "Sign in first.");
      const { sessionId, viewer } = found;
      const asked = readAsked(request.url ?? "").map((name) => ({ name, refusal: refuseChannel(viewer, name) }));
      if (asked.every(({ refusal }) => refusal !== null)) throw asked[0]!.refusal;
      const mine = [...places.values()].filter((userId) => userId === viewer.userId).length;
      if (mine >= STREAMS_PER_USER || places.size >= STREAMS)
        throw new Problem(429, "too_many_streams", "Close another page first.", { headers: { "retry-after": "5" } });
      // Who has left already says no goodbye any more: without this look the place would be taken for ever.
      if (response.destroyed) return;
      const lastEventId = String(request.headers["last-event-id"] ?? "");
      const allowed = asked.filter(({ refusal }) => refusal === null).map(({ name }) => name);
      const stream = hub.open(response, allowed, lastEventId, seesPersonalData(viewer));
      for (const { name, refusal } of asked) stream.refuse(name, refusal);
      const one = { stream, sessionId };
      places.set(response, viewer.userId);
      open.add(one);
      response.once("close", () => {
        places.delete(response);
        open.delete(one);
      });
    },
    /** Somebody signed out: his streams end now. */
    checkSessions: check,
    async stop(): Promise<void> {
      clearInterval(checking);
      observed.stop();
      letters.stop();
      hub.stop();
      await changes.stop();
    },
  };
}

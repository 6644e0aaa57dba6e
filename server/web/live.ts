import type { IncomingMessage, ServerResponse } from "node:http";
import { getOrderDetail, listOrdersById } from "#server/orders/order-queries";
import { readOverview } from "#server/orders/overview";
import { findViewer, viewerMay } from "#server/platform/auth";
import { log } from "#server/platform/log";
import { Problem } from "#server/platform/problem";
import { openStream, type Stream } from "./event-stream.ts";
import { listenToOrderChanges } from "./order-changes.ts";
import { toHeaders } from "./to-headers.ts";
import { workersState } from "./workers-state.ts";

/** Frames per second and viewer, at most four. */
const FRAME_MS = 250;
const OVERVIEW_MS = 1_000;
const SESSION_CHECK_MS = 5_000;
const STREAMS_PER_USER = 20;
const STREAMS = 2_000;

type Watcher = { stream: Stream; headers: Headers; orderId: string | null };

/**
 * The live side of the dashboard: one reader of the database for all viewers. Orders change → one query → the same frame
 * for everybody. The overview is read once a second while somebody looks, never otherwise.
 *
 * Streams: `overview` frames hold the whole overview, `orders` frames the rows that changed, `order` frames one order.
 * A viewer whose role or session ended is cut within 5 s.
 */
export function startLive() {
  const watchers = new Set<Watcher>();
  /** Whose each open stream is, from the moment it is asked for. */
  const places = new Map<ServerResponse, string>();
  const changed = new Set<string>();
  let sequence = 0;
  let isReading = false;
  let isReadingOverview = false;

  const broadcast = (event: string, data: unknown, to: (watcher: Watcher) => boolean) => {
    sequence += 1;
    const text = JSON.stringify(data);
    for (const watcher of watchers) if (to(watcher)) watcher.stream.send(event, String(sequence), text);
  };
  const watchesAll = ({ orderId }: Watcher) => orderId === null;

  const sendChanges = async () => {
    if (changed.size === 0 || isReading) return;
    const ids = [...changed];
    changed.clear();
    isReading = true;
    try {
      if ([...watchers].some(watchesAll)) broadcast("orders", await listOrdersById(ids), watchesAll);
      for (const id of new Set([...watchers].map(({ orderId }) => orderId)))
        if (id !== null && ids.includes(id))
          broadcast("order", await getOrderDetail(id), ({ orderId }) => orderId === id);
    } finally {
      isReading = false;
    }
  };
  const sendOverview = async () => {
    // One reading at a time: on a slow database they would pile up, and an older one could come last.
    if (isReadingOverview || ![...watchers].some(watchesAll)) return;
    isReadingOverview = true;
    try {
      broadcast("overview", { ...(await readOverview()), workers: workersState() }, watchesAll);
    } finally {
      isReadingOverview = false;
    }
  };
  /** Mails, documents and webhooks are not the projection's news: an open order page is read anew once a second. */
  const sendOpenOrders = async () => {
    for (const id of new Set([...watchers].map(({ orderId }) => orderId)))
      if (id !== null) broadcast("order", await getOrderDetail(id), ({ orderId }) => orderId === id);
  };
  const checkSessions = async () => {
    for (const watcher of [...watchers])
      if (!viewerMay(await findViewer(watcher.headers), "orders:read")) watcher.stream.end();
  };

  const quietly = (work: () => Promise<void>) => () =>
    void work().catch((error: Error) => log().warn({ error: error.message }, "live views pause"));
  const timers = [
    setInterval(quietly(sendChanges), FRAME_MS),
    setInterval(quietly(sendOverview), OVERVIEW_MS),
    setInterval(quietly(sendOpenOrders), OVERVIEW_MS),
    setInterval(quietly(checkSessions), SESSION_CHECK_MS),
  ];
  const changes = listenToOrderChanges({
    onChange(ids) {
      if (watchers.size > 0) for (const id of ids) changed.add(id);
    },
    onGap: quietly(async () => {
      await sendOverview();
      await sendOpenOrders();
    }),
  });

  return {
    /** Answers a stream's request. @throws Problem 401, 403, 404, 429. */
    async open(request: IncomingMessage, response: ServerResponse, orderId: string | null): Promise<void> {
      const headers = toHeaders(request);
      const viewer = await findViewer(headers);
      if (!viewer) throw new Problem(401, "not_signed_in", "Sign in first.");
      if (!viewerMay(viewer, "orders:read")) throw new Problem(403, "not_allowed", "Your role may not see orders.");
      const mine = [...places.values()].filter((userId) => userId === viewer.userId).length;
      if (mine >= STREAMS_PER_USER || places.size >= STREAMS)
        throw new Problem(429, "too_many_streams", "Close another page first.", { headers: { "retry-after": "5" } });
      // Who has left already says no goodbye any more: without this look the place would be taken for ever.
      if (response.destroyed) return;
      places.set(response, viewer.userId);
      response.once("close", () => places.delete(response));
      const snapshot =
        orderId === null ? { ...(await readOverview()), workers: workersState() } : await getOrderDetail(orderId);
      if (response.destroyed) return;
      const stream = openStream(response);
      const watcher = { stream, headers, orderId };
      sequence += 1;
      stream.send(orderId === null ? "overview" : "order", String(sequence), JSON.stringify(snapshot));
      watchers.add(watcher);
      stream.onClose(() => watchers.delete(watcher));
    },
    async stop(): Promise<void> {
      for (const timer of timers) clearInterval(timer);
      for (const { stream } of watchers) stream.end();
      await changes.stop();
    },
  };
}

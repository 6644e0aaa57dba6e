import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import { Consumers, PipelineMap, Queues } from "#contracts/api/operations";
import { OrderDetail, type OrderList, OrderRow } from "#contracts/api/orders";
import { Overview } from "#contracts/api/overview";
import type { LiveFrame } from "../_live/link.ts";
import { applyLetterNews, applyLetters, applyRun } from "./apply-letters.ts";
import { consumersQuery } from "./consumers.ts";
import { FINDINGS } from "./findings.ts";
import { orderQuery } from "./orders.ts";
import { overviewQuery } from "./overview.ts";
import { mapQuery } from "./pipeline.ts";
import { queuesQuery } from "./queues.ts";

/** What a frame's data changes in what the page shows. `topic` is the channel's name up to its colon. */
const appliers: Record<string, (client: QueryClient, data: unknown, kind: LiveFrame["kind"]) => void> = {
  overview(client, data) {
    const before = client.getQueryData(overviewQuery.queryKey)?.missing;
    const overview = Overview.parse(data);
    client.setQueryData(overviewQuery.queryKey, overview);
    // The list of what is missing has no channel of its own: the overview's count tells when to ask for it again.
    if (before !== overview.missing) void client.invalidateQueries({ queryKey: FINDINGS });
  },
  consumers: (client, data) => client.setQueryData(consumersQuery.queryKey, Consumers.parse(data)),
  queues: (client, data) => client.setQueryData(queuesQuery.queryKey, Queues.parse(data)),
  map: (client, data) => client.setQueryData(mapQuery.queryKey, PipelineMap.parse(data)),
  letters: applyLetters,
  "letter-news": applyLetterNews,
  run: applyRun,
  order(client, data) {
    const detail = OrderDetail.parse(data);
    client.setQueryData(orderQuery(detail.order.orderId).queryKey, detail);
  },
  orders(client, data) {
    const rows = OrderRow.array().parse(data);
    client.setQueryData(overviewQuery.queryKey, (old) => old && { ...old, newest: mergeNewest(old.newest, rows) });
    client.setQueriesData<InfiniteData<z.infer<typeof OrderList>>>({ queryKey: ["orders"] }, (old) =>
      old ? patchPages(old, rows) : old,
    );
  },
};

/** Puts a frame's data where the page reads it. @throws ZodError for what is not as the contract says. */
export function applyFrame(client: QueryClient, { channel, kind, data }: Omit<LiveFrame, "heardMs">): void {
  if (kind === "snapshot" || kind === "delta")
    appliers[channel.split(":", 1)[0]!]?.(client, JSON.parse(data) as unknown, kind);
}

/** Frames of a whole replace each other; rows that changed do not. Pure. */
export function keepNewest(frames: readonly LiveFrame[]): LiveFrame[] {
  const kept = new Map<string, LiveFrame[]>();
  for (const frame of frames) {
    const before = frame.kind === "snapshot" ? [] : (kept.get(frame.channel) ?? []);
    if (frame.kind === "snapshot" || frame.kind === "delta") kept.set(frame.channel, [...before, frame]);
  }
  return [...kept.values()].flat();
}

const NEWEST = 50;
const newer = (a: OrderRow, b: OrderRow) => (b.lastSeq >= a.lastSeq ? b : a);

/** The newest orders with these as they are now. Pure. */
export function mergeNewest(old: readonly OrderRow[], changed: readonly OrderRow[]): OrderRow[] {
  const rows = new Map(old.map((row) => [row.orderId, row]));
  for (const row of changed) rows.set(row.orderId, newer(rows.get(row.orderId) ?? row, row));
  return [...rows.values()].toSorted((a, b) => b.placedAt.localeCompare(a.placedAt)).slice(0, NEWEST);
}

/** Pages with the rows on them as they are now; pages without any stay the same objects. Pure. */
export function patchPages(
  list: InfiniteData<z.infer<typeof OrderList>>,
  changed: readonly OrderRow[],
): InfiniteData<z.infer<typeof OrderList>> {
  const byId = new Map(changed.map((row) => [row.orderId, row]));
  const pages = list.pages.map((page) => {
    if (!page.orders.some(({ orderId }) => byId.has(orderId))) return page;
    return { ...page, orders: page.orders.map((row) => newer(row, byId.get(row.orderId) ?? row)) };
  });
  return { ...list, pages };
}

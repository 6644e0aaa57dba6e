import type { QueryClient } from "@tanstack/react-query";
import { Consumers, PipelineMap, Queues } from "#contracts/api/operations";
import { OrderDetail, OrderRow } from "#contracts/api/orders";
import { Overview } from "#contracts/api/overview";
import type { LiveFrame } from "../_live/link.ts";
import { applyLetterNews, applyLetters, applyRun } from "./apply-letters.ts";
import { consumersQuery } from "./consumers.ts";
import { FINDINGS } from "./findings.ts";
import { mergeNewest, type OrderPages, patchPages } from "./merge-orders.ts";
import { isOutdatedBy, refreshOldLists, refreshOrders } from "./order-news.ts";
import { ORDERS, type OrderFilter, orderQuery } from "./orders.ts";
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
  orders(client, data, kind) {
    const rows = OrderRow.array().parse(data);
    if (kind === "snapshot") void refreshOldLists(client);
    client.setQueryData(overviewQuery.queryKey, (old) => old && { ...old, newest: mergeNewest(old.newest, rows) });
    for (const [key, list] of client.getQueriesData<OrderPages>({ queryKey: ORDERS })) {
      if (!list) continue;
      const patched = patchPages(list, rows);
      if (patched !== list) client.setQueryData(key, patched);
      if (isOutdatedBy(list, key[1] as OrderFilter, rows)) refreshOrders(client);
    }
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

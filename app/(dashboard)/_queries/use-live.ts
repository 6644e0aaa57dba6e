"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { OrderDetail, OrderRow } from "#contracts/api/orders";
import { Overview } from "#contracts/api/overview";
import { orderQuery } from "./orders.ts";
import { overviewQuery } from "./overview.ts";

/** How far what is on the screen can be trusted. */
export type Liveness = { state: "connecting" | "live" | "stale"; since: Date };

type Frame = { event: string; data: unknown };

/**
 * Keeps a page's queries as fresh as the server's stream: one stream per page, applied at most once per animation frame,
 * closed while the page is hidden and caught up by a snapshot when it is looked at again.
 */
export function useLive(path: string): Liveness {
  const client = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>({ state: "connecting", since: new Date() });

  useEffect(() => {
    let source: EventSource | undefined;
    let frames: Frame[] = [];
    let scheduled = 0;

    const apply = () => {
      scheduled = 0;
      for (const { event, data } of frames) {
        if (event === "overview") client.setQueryData(overviewQuery.queryKey, Overview.parse(data));
        if (event === "orders") mergeOrders(OrderRow.array().parse(data));
        if (event === "order") {
          const detail = OrderDetail.parse(data);
          client.setQueryData(orderQuery(detail.order.orderId).queryKey, detail);
        }
      }
      frames = [];
      setLiveness({ state: "live", since: new Date() });
    };
    const mergeOrders = (changed: OrderRow[]) =>
      client.setQueryData(overviewQuery.queryKey, (old) => {
        if (!old) return old;
        const rows = new Map([...old.newest, ...changed].map((row) => [row.orderId, row]));
        const newest = [...rows.values()].toSorted((a, b) => b.placedAt.localeCompare(a.placedAt)).slice(0, 50);
        return { ...old, newest };
      });
    const open = () => {
      source = new EventSource(path);
      for (const event of ["overview", "orders", "order"])
        source.addEventListener(event, ({ data }) => {
          frames.push({ event, data: JSON.parse(data) });
          scheduled ||= requestAnimationFrame(apply);
        });
      source.addEventListener("error", () =>
        setLiveness((old) => (old.state === "stale" ? old : { state: "stale", since: new Date() })),
      );
    };
    const close = () => {
      source?.close();
      cancelAnimationFrame(scheduled);
      scheduled = 0;
      frames = [];
    };
    const onVisibility = () => {
      close();
      if (document.visibilityState === "visible") open();
    };
    document.addEventListener("visibilitychange", onVisibility);
    if (document.visibilityState === "visible") open();
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      close();
    };
  }, [path, client]);

  return liveness;
}

import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { OrderRow } from "#contracts/api/orders";
import type { LiveFrame } from "../_live/link.ts";
import { applyFrame, keepNewest, mergeNewest, patchPages } from "./apply-frames.ts";

const frame = (kind: LiveFrame["kind"], channel: string, data: string): LiveFrame => ({
  kind,
  channel,
  data,
  heardMs: 0,
});
const row = (orderId: string, lastSeq: number, placedAt = "2026-11-21T10:00:00.000Z") =>
  ({ orderId, lastSeq, placedAt }) as OrderRow;

test("of what came within one animation frame only the newest whole is applied, but every delta after it", () => {
  const kept = keepNewest([
    frame("snapshot", "overview", "old"),
    frame("delta", "orders", "lost in the snapshot"),
    frame("snapshot", "orders", "whole"),
    frame("same", "order:1", "{}"),
    frame("delta", "orders", "one"),
    frame("snapshot", "overview", "new"),
    frame("delta", "orders", "two"),
  ]);
  expect(kept.map(({ data }) => data)).toEqual(["new", "whole", "one", "two"]);
});

test("a row never goes back to an older state, whichever way it came", () => {
  expect(mergeNewest([row("a", 3)], [row("a", 2)])).toEqual([row("a", 3)]);
  expect(mergeNewest([row("a", 3)], [row("a", 4)])).toEqual([row("a", 4)]);
});

test("the newest orders are fifty, the newest first", () => {
  const placed = (index: number) => row(String(index), 1, new Date(index * 1_000).toISOString());
  const merged = mergeNewest(
    Array.from({ length: 50 }, (_, index) => placed(index)),
    [placed(99)],
  );
  expect(merged).toHaveLength(50);
  expect(merged[0]).toEqual(placed(99));
});

test("rows on any page of a list are brought up to date; pages without them stay the same objects", () => {
  const list = {
    pages: [
      { orders: [row("a", 1)], nextCursor: "1" },
      { orders: [row("b", 1), row("c", 1)], nextCursor: null },
    ],
    pageParams: ["", "1"],
  };
  const patched = patchPages(list, [row("c", 2), row("unknown", 9)]);
  expect(patched.pages[0]).toBe(list.pages[0]);
  expect(patched.pages[1]!.orders).toEqual([row("b", 1), row("c", 2)]);
});

test("what is missing is asked for again when the overview counts otherwise, and only then", () => {
  const client = new QueryClient();
  const key = ["findings", "all"];
  const isAskedAgainAt = (missing: number) => {
    client.setQueryData(key, {});
    const counts = { placed: 0, paid: 0, reserved: 0, shipped: 0, delivered: 0, payment_failed: 0, cancelled: 0 };
    const state = { oldestOpenMs: null, stuck: 0, waitingRetries: 0, workers: { isRunning: true, restarts: 0 } };
    const outbox = { unsent: 0, oldestMs: null };
    const oldest = { stuck: null, retrying: null, open: null };
    const overview = {
      at: "2026-11-21T10:00:00.000Z",
      counts,
      placedPerMinute: [],
      newest: [],
      outbox,
      oldest,
      ...state,
      missing,
    };
    applyFrame(client, { channel: "overview", kind: "snapshot", data: JSON.stringify(overview) });
    return client.getQueryState(key)!.isInvalidated;
  };
  isAskedAgainAt(0);
  expect(isAskedAgainAt(0)).toBe(false);
  expect(isAskedAgainAt(2)).toBe(true);
  expect(isAskedAgainAt(2)).toBe(false);
});

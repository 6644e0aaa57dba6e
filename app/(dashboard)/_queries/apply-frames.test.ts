import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { LiveFrame } from "../_live/link.ts";
import { applyFrame, keepNewest } from "./apply-frames.ts";

const frame = (kind: LiveFrame["kind"], channel: string, data: string): LiveFrame => ({
  kind,
  channel,
  data,
  heardMs: 0,
});

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

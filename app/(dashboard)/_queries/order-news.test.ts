import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { OrderRow } from "#contracts/api/orders";
import type { OrderPages } from "./merge-orders.ts";
import { isOutdatedBy, refreshOldLists, refreshOrders } from "./order-news.ts";

const row = (orderId: string, minute: number, status = "placed") =>
  ({ orderId, status, placedAt: `2026-11-21T10:${minute}:00.000Z` }) as OrderRow;
const page = (nextCursor: string | null, ...orders: OrderRow[]) => ({ orders, nextCursor });
const list = (...pages: OrderPages["pages"]): OrderPages => ({ pages, pageParams: pages.map(() => "") });
const newest = list(page("next", row("b", 30), row("a", 20)));

afterEach(() => vi.useRealTimers());

describe("a list of one page is asked for again", () => {
  test("when an order comes into it, not when a row of it or an older order changed", () => {
    expect(isOutdatedBy(newest, {}, [row("c", 40)])).toBe(true);
    expect(isOutdatedBy(newest, {}, [row("a", 20, "paid"), row("old", 10)])).toBe(false);
    expect(isOutdatedBy(list(page(null)), {}, [row("c", 40)])).toBe(true);
  });

  test("of one status when an order takes it or loses it", () => {
    const filter = { status: "placed" };
    expect(isOutdatedBy(newest, filter, [row("b", 30, "paid")])).toBe(true);
    expect(isOutdatedBy(newest, filter, [row("c", 40)])).toBe(true);
    expect(isOutdatedBy(newest, filter, [row("c", 40, "paid"), row("b", 30)])).toBe(false);
  });

  test("of a search for any order that is not in it", () => {
    expect(isOutdatedBy(newest, { search: "ann" }, [row("old", 10)])).toBe(true);
    expect(isOutdatedBy(newest, { search: "ann" }, [row("a", 20, "paid")])).toBe(false);
  });

  test("and a longer one never: its rows would move under the reader's eyes", () => {
    expect(isOutdatedBy(list(...newest.pages, page(null, row("z", 10))), {}, [row("c", 40)])).toBe(false);
  });
});

test("a storm of orders asks once at once, and once more every few seconds", () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, "invalidateQueries");
  for (let second = 0; second < 9; second++) {
    for (let order = 0; order < 20; order++) refreshOrders(client);
    vi.advanceTimersByTime(1_000);
  }
  expect(invalidate).toHaveBeenCalledTimes(4);
  vi.advanceTimersByTime(60_000);
  expect(invalidate).toHaveBeenCalledTimes(4);
});

test("what was loaded page by page is not asked for again", () => {
  const client = new QueryClient();
  client.setQueryData(["orders", {}], newest);
  client.setQueryData(["orders", { status: "paid" }], list(...newest.pages, page(null)));
  refreshOrders(client);
  expect(client.getQueryState(["orders", {}])!.isInvalidated).toBe(true);
  expect(client.getQueryState(["orders", { status: "paid" }])!.isInvalidated).toBe(false);
});

test("after a gap every list that is not just loaded is asked for again, however long", async () => {
  const client = new QueryClient();
  const long = list(...newest.pages, page(null));
  client.setQueryData(["orders", {}], long, { updatedAt: Date.now() - 60_000 });
  client.setQueryData(["orders", { status: "paid" }], long);
  await refreshOldLists(client);
  expect(client.getQueryState(["orders", {}])!.isInvalidated).toBe(true);
  expect(client.getQueryState(["orders", { status: "paid" }])!.isInvalidated).toBe(false);
});

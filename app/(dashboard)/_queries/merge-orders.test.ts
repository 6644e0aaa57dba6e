import { expect, test } from "vitest";
import type { OrderRow } from "#contracts/api/orders";
import { keepNewer, mergeNewest, patchPages } from "./merge-orders.ts";

const row = (orderId: string, lastSeq: number, placedAt = "2026-11-21T10:00:00.000Z") =>
  ({ orderId, lastSeq, placedAt }) as OrderRow;

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
  expect(patchPages(list, [row("unknown", 9)])).toBe(list);
});

test("an answer that was under way while a row changed does not take it back", () => {
  const list = (...orders: OrderRow[]) => ({ pages: [{ orders, nextCursor: null }], pageParams: [""] });
  const old = list(row("a", 3), row("b", 1));
  const kept = keepNewer(old, list(row("new", 1), row("a", 2), row("b", 2)));
  expect(kept).toEqual(list(row("new", 1), row("a", 3), row("b", 2)));
  expect(keepNewer(old, list(row("a", 2), row("b", 1)))).toBe(old);
  expect(keepNewer(undefined, old)).toBe(old);
});

import { type InfiniteData, replaceEqualDeep } from "@tanstack/react-query";
import type { z } from "zod";
import type { OrderList, OrderRow } from "#contracts/api/orders";

export type OrderPages = InfiniteData<z.infer<typeof OrderList>>;

const NEWEST = 50;
const newer = (a: OrderRow, b: OrderRow) => (b.lastSeq >= a.lastSeq ? b : a);

/** The newest orders with these as they are now. Pure. */
export function mergeNewest(old: readonly OrderRow[], changed: readonly OrderRow[]): OrderRow[] {
  const rows = new Map(old.map((row) => [row.orderId, row]));
  for (const row of changed) rows.set(row.orderId, newer(rows.get(row.orderId) ?? row, row));
  return [...rows.values()].toSorted((a, b) => b.placedAt.localeCompare(a.placedAt)).slice(0, NEWEST);
}

/** Pages with the rows on them as they are now; what holds none of them stays the same object. Pure. */
export function patchPages(list: OrderPages, changed: readonly OrderRow[]): OrderPages {
  const byId = new Map(changed.map((row) => [row.orderId, row]));
  const pages = list.pages.map((page) => {
    if (!page.orders.some(({ orderId }) => byId.has(orderId))) return page;
    return { ...page, orders: page.orders.map((row) => newer(row, byId.get(row.orderId) ?? row)) };
  });
  return pages.every((page, index) => page === list.pages[index]) ? list : { ...list, pages };
}

/**
 * An answer that was under way while its rows changed: none goes back to an older state. What is equal stays the same
 * object. Pure.
 */
export function keepNewer(old: OrderPages | undefined, answer: OrderPages): OrderPages {
  if (!old) return answer;
  const byId = new Map(old.pages.flatMap(({ orders }) => orders.map((row) => [row.orderId, row])));
  const pages = answer.pages.map((page) => ({
    ...page,
    orders: page.orders.map((row) => newer(byId.get(row.orderId) ?? row, row)),
  }));
  return replaceEqualDeep(old, { ...answer, pages });
}

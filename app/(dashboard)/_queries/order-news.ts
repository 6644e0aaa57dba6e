import type { Query, QueryClient } from "@tanstack/react-query";
import type { OrderRow } from "#contracts/api/orders";
import type { OrderPages } from "./merge-orders.ts";
import { ORDERS, type OrderFilter } from "./orders.ts";

/** Between two times that a list is asked for again, ms: a storm of orders is no storm of requests. */
const REFRESH_MS = 3_000;

/** A list of one page is kept fresh; in a longer one rows would move under the reader's eyes. */
export const isKeptFresh = (list: OrderPages | undefined): boolean => list?.pages.length === 1;

/**
 * Whether one of these rows, as they are now, came into a list of one page or left it. What matches a search only the server
 * knows: there any other order may. Pure.
 */
export function isOutdatedBy(list: OrderPages, { status, search }: OrderFilter, changed: readonly OrderRow[]): boolean {
  const [page] = list.pages;
  if (!page || !isKeptFresh(list)) return false;
  const shown = new Set(page.orders.map(({ orderId }) => orderId));
  const end = page.nextCursor === null ? "" : (page.orders.at(-1)?.placedAt ?? "");
  return changed.some((row) => {
    const isOfStatus = status === undefined || row.status === status;
    if (shown.has(row.orderId)) return !isOfStatus;
    return isOfStatus && (search !== undefined || row.placedAt >= end);
  });
}

/** On the safe side of how long a page's own answer and the first frame are under way, ms. */
const UNDER_WAY_MS = 3_000;

/** A snapshot tells of the newest orders alone: of the others, whatever was asked for before may have missed changes. */
export const refreshOldLists = (client: QueryClient): Promise<void> =>
  client.invalidateQueries(
    { queryKey: ORDERS, predicate: ({ state }) => state.dataUpdatedAt < Date.now() - UNDER_WAY_MS },
    { cancelRefetch: false },
  );

type Turn = { isWaiting: boolean; isAsked: boolean };
const turns = new WeakMap<QueryClient, Turn>();

/**
 * Asks for the lists of one page again: at once, then at most every few seconds. What is under way is left alone, and asked
 * for again after it: it may have been read too early.
 */
export function refreshOrders(client: QueryClient): void {
  const turn = turns.get(client) ?? { isWaiting: false, isAsked: false };
  turns.set(client, turn);
  turn.isAsked = true;
  if (turn.isWaiting) return;
  const short = {
    queryKey: ORDERS,
    predicate: ({ state }: Query) => isKeptFresh(state.data as OrderPages | undefined),
  };
  Object.assign(turn, { isWaiting: true, isAsked: client.isFetching(short) > 0 });
  void client.invalidateQueries(short, { cancelRefetch: false });
  setTimeout(() => {
    turn.isWaiting = false;
    if (turn.isAsked) refreshOrders(client);
  }, REFRESH_MS);
}

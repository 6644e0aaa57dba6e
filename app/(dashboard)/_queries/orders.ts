import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { CheckoutReply, type CheckoutRequest } from "#contracts/api/checkout";
import { OrderDetail, OrderList } from "#contracts/api/orders";
import { callApi, withJson } from "./api.ts";
import { keepNewer, type OrderPages } from "./merge-orders.ts";

/** One order; kept fresh by its live stream. */
export const orderQuery = (orderId: string) =>
  queryOptions({
    queryKey: ["order", orderId],
    queryFn: () => callApi(OrderDetail, `/api/v1/orders/${encodeURIComponent(orderId)}`),
    staleTime: Number.POSITIVE_INFINITY,
  });

export type OrderFilter = { status?: string; search?: string };

/** What all lists of orders are kept under. */
export const ORDERS = ["orders"] as const;

/** Orders, newest first, page by page; kept fresh by the live stream. */
export const orderListQuery = (filter: OrderFilter) =>
  infiniteQueryOptions({
    queryKey: [...ORDERS, filter],
    queryFn: ({ pageParam }) => {
      const set = Object.entries({ ...filter, cursor: pageParam }).filter(([, value]) => value);
      return callApi(OrderList, `/api/v1/orders?${new URLSearchParams(set as [string, string][])}`);
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    structuralSharing: (old, answer) => keepNewer(old as OrderPages | undefined, answer as OrderPages),
  });

/** Places an order. The key makes a second press, or a lost answer, the same order. */
export const placeOrder = (order: Partial<CheckoutRequest>, idempotencyKey: string) =>
  callApi(CheckoutReply, "/api/v1/orders", withJson("POST", order, { "idempotency-key": idempotencyKey }));

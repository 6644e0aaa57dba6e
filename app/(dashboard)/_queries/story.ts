import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { OrderAsOf, OrderStory } from "#contracts/api/story";
import { callApi } from "./api.ts";

const orderPath = (orderId: string) => `/api/v1/orders/${encodeURIComponent(orderId)}`;

/** Retries, queues and workers move without a word of the order: asked again while it is looked at. */
const STORY_EVERY_MS = 3_000;

/** Everything that happened to an order, and why it does not move. */
export const storyQuery = (orderId: string) =>
  queryOptions({
    queryKey: ["order-story", orderId],
    queryFn: () => callApi(OrderStory, `${orderPath(orderId)}/story`),
    refetchInterval: STORY_EVERY_MS,
  });

/** The order as it was after an event. History does not change, so each is asked for once. */
export const asOfQuery = (orderId: string, seq: number) =>
  queryOptions({
    queryKey: ["order-as-of", orderId, seq],
    queryFn: () => callApi(OrderAsOf, `${orderPath(orderId)}/as-of?seq=${seq}`),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

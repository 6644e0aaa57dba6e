import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { Consumers, GroupHistory, type OffsetReset, OffsetResetReply } from "#contracts/api/operations";
import { asAct, callApi } from "./api.ts";

const groups = "/api/v1/consumer-groups";

/** All consumer groups of the cluster; kept fresh by the live stream, asked for once. */
export const consumersQuery = queryOptions({
  queryKey: ["consumers"],
  queryFn: () => callApi(Consumers, groups),
  staleTime: Number.POSITIVE_INFINITY,
});

/** A group's lag over the last day, thinned by the server. */
export const groupHistoryQuery = (group: string) =>
  queryOptions({
    queryKey: ["group-history", group],
    queryFn: () => callApi(GroupHistory, `${groups}/${encodeURIComponent(group)}/history`),
    refetchInterval: 10_000,
  });

/** Without `typedGroup` only the plan: nothing is moved. */
export const resetOffsets = (group: string, reset: OffsetReset, key: string) =>
  callApi(OffsetResetReply, `${groups}/${encodeURIComponent(group)}/offset-resets`, asAct("POST", reset, key));

const pauseOf = (worker: string) => `/api/v1/workers/${encodeURIComponent(worker)}/pause`;

/** From the next message on the worker waits; the pause outlives a restart. */
export const pauseWorker = (worker: string, reason: string, key: string) =>
  callApi(z.unknown(), pauseOf(worker), asAct("POST", { reason }, key));

export const resumeWorker = (worker: string, reason: string, key: string) =>
  callApi(z.unknown(), pauseOf(worker), asAct("DELETE", { reason }, key));

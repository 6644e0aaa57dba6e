import { queryOptions } from "@tanstack/react-query";
import { FindingList, ReEmitKindReply, type ReEmitKindRequest, ReEmitReply } from "#contracts/api/findings";
import { asAct, callApi, toQuery, withJson } from "./api.ts";

/** Whatever tells of findings is asked for again by this. */
export const FINDINGS = ["findings"];

/** What the reconciler misses: of one order, or of all. */
export const findingsQuery = (orderId?: string) =>
  queryOptions({
    queryKey: [...FINDINGS, orderId ?? "all"],
    queryFn: () => callApi(FindingList, `/api/v1/findings${toQuery({ orderId })}`),
    refetchInterval: 5_000,
  });

/** Sends anew what a finding misses. */
export const reEmitFinding = (id: string, reason: string, key: string) =>
  callApi(ReEmitReply, `/api/v1/findings/${encodeURIComponent(id)}/re-emits`, asAct("POST", { reason }, key));

/** What sending all of a kind again would do. */
export const planReEmits = (kind: ReEmitKindRequest["kind"]) =>
  callApi(ReEmitKindReply, "/api/v1/finding-re-emits", withJson("POST", { kind }));

/** Sends a plan's findings again. */
export const reEmitKind = (request: ReEmitKindRequest, key: string) =>
  callApi(ReEmitKindReply, "/api/v1/finding-re-emits", asAct("POST", request, key));

import { queryOptions } from "@tanstack/react-query";
import {
  EndpointList,
  Redirect,
  RedirectList,
  type RedirectRequest,
  type UrlCorrection,
} from "#contracts/api/redirects";
import { asAct, callApi } from "./api.ts";

export const redirectListQuery = queryOptions({
  queryKey: ["redirects"],
  queryFn: () => callApi(RedirectList, "/api/v1/redirects"),
  refetchInterval: 15_000,
});

export const addRedirect = (redirect: RedirectRequest, key: string) =>
  callApi(Redirect, "/api/v1/redirects", asAct("POST", redirect, key));

export const endRedirect = (redirectId: string, key: string) =>
  callApi(RedirectList, `/api/v1/redirects/${encodeURIComponent(redirectId)}`, asAct("DELETE", undefined, key));

/** Partners' webhook endpoints, with what waits for each. */
export const endpointListQuery = queryOptions({
  queryKey: ["webhook-endpoints"],
  queryFn: () => callApi(EndpointList, "/api/v1/webhook-endpoints"),
  refetchInterval: 10_000,
});

/** From now on everything for this endpoint goes to the new URL, also what is replayed. */
export const correctUrl = (endpointId: string, correction: UrlCorrection, key: string) =>
  callApi(
    EndpointList,
    `/api/v1/webhook-endpoints/${encodeURIComponent(endpointId)}/url`,
    asAct("PUT", correction, key),
  );

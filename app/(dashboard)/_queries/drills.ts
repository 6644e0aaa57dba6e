import { queryOptions } from "@tanstack/react-query";
import { DrillList, type DrillRequest, type DrillSystem } from "#contracts/api/drills";
import { asAct, callApi } from "./api.ts";

const drills = "/api/v1/drills";

/** How the demo's outside systems behave; fails where there is no demo. */
export const drillsQuery = queryOptions({
  queryKey: ["drills"],
  queryFn: () => callApi(DrillList, drills),
  refetchInterval: 5_000,
  retry: false,
});

export const beginDrill = (system: DrillSystem, request: DrillRequest, key: string) =>
  callApi(DrillList, `${drills}/${system}`, asAct("POST", request, key));

export const endDrill = (system: DrillSystem, reason: string, key: string) =>
  callApi(DrillList, `${drills}/${system}`, asAct("DELETE", { reason }, key));

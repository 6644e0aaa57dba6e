import { queryOptions } from "@tanstack/react-query";
import { Overview } from "#contracts/api/overview";
import { callApi } from "./api.ts";

/** The first screen; kept fresh by the live stream, asked for once. */
export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: () => callApi(Overview, "/api/v1/overview"),
  staleTime: Number.POSITIVE_INFINITY,
});

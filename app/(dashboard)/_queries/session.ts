import { queryOptions } from "@tanstack/react-query";
import { SessionInfo } from "#contracts/api/overview";
import { callApi } from "./api.ts";

/** Who I am and what I may do. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => callApi(SessionInfo, "/api/v1/session"),
  staleTime: 60_000,
});

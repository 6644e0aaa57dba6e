import { queryOptions } from "@tanstack/react-query";
import { Queues } from "#contracts/api/operations";
import { callApi } from "./api.ts";

/** All queues of the vhost; kept fresh by the live stream, asked for once. */
export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: () => callApi(Queues, "/api/v1/queues"),
  staleTime: Number.POSITIVE_INFINITY,
});

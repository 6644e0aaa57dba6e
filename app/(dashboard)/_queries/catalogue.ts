import { queryOptions } from "@tanstack/react-query";
import { Catalogue } from "#contracts/api/overview";
import { callApi } from "./api.ts";

export const catalogueQuery = queryOptions({
  queryKey: ["catalogue"],
  queryFn: () => callApi(Catalogue, "/api/v1/catalogue"),
});

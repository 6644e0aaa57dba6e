import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { Generator, type GeneratorChange } from "#contracts/api/overview";
import { callApi, withJson } from "./api.ts";

/** The demo's order generator; fails where there is no demo. */
export const generatorQuery = queryOptions({
  queryKey: ["generator"],
  queryFn: () => callApi(Generator, "/api/v1/generator"),
  refetchInterval: ({ state }) => (state.data?.flashSale?.isRunning ? 1_000 : 5_000),
  retry: false,
});

export const changeGenerator = (change: z.infer<typeof GeneratorChange>) =>
  callApi(Generator, "/api/v1/generator", withJson("PUT", change));

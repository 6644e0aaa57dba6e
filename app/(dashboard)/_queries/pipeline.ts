import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { PipelineMap, Series } from "#contracts/api/operations";
import { callApi, toQuery } from "./api.ts";

/** The pipeline as it was observed; kept fresh by the live stream, asked for once. */
export const mapQuery = queryOptions({
  queryKey: ["map"],
  queryFn: () => callApi(PipelineMap, "/api/v1/map"),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Curves over the last `minutes`. */
export const seriesQuery = (minutes: number) =>
  queryOptions({
    queryKey: ["series", minutes],
    queryFn: () => callApi(Series, `/api/v1/series${toQuery({ minutes })}`),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

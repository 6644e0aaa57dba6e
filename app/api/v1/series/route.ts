import { Series, SeriesQuery } from "#contracts/api/operations";
import { readSeries } from "#server/pipeline/series";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  query: SeriesQuery,
  replies: Series,
  handle: ({ query }) => readSeries(query.minutes),
});

import { FindingList, FindingListQuery } from "#contracts/api/findings";
import { listFindings } from "#server/pipeline/list-findings";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  query: FindingListQuery,
  replies: FindingList,
  handle: ({ query }) => listFindings(query),
});

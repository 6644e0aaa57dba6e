import { GroupList, GroupListQuery } from "#contracts/api/dead-letters";
import { listGroups } from "#server/dead-letters/group-queries";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: GroupListQuery,
  replies: GroupList,
  handle: ({ query }) => listGroups(query.status),
});

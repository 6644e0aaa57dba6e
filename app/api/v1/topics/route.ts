import { TopicList, TopicQuery } from "#contracts/api/operations";
import { readTopics } from "#server/pipeline/topics";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  query: TopicQuery,
  replies: TopicList,
  handle: ({ query }) => readTopics(query),
});

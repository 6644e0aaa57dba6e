import { EndpointList } from "#contracts/api/redirects";
import { listEndpoints } from "#server/partners/correct-url";
import { db } from "#server/platform/db";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  replies: EndpointList,
  handle: async () => ({ endpoints: await listEndpoints(db) }),
});

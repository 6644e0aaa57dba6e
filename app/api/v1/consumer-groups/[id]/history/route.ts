import { z } from "zod";
import { GroupHistory } from "#contracts/api/operations";
import { readGroupHistory } from "#server/pipeline/series";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  params: z.object({ id: z.string() }),
  replies: GroupHistory,
  handle: ({ params }) => readGroupHistory(params.id),
});

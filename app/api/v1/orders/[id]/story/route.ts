import { z } from "zod";
import { OrderStory } from "#contracts/api/story";
import { jobsFor } from "#server/fulfilment/jobs-for";
import { readSharedStory } from "#server/orders/story";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  params: z.object({ id: z.string() }),
  replies: OrderStory,
  handle: ({ params }) => readSharedStory(params.id, jobsFor),
});

import { z } from "zod";
import { OrderAsOf } from "#contracts/api/story";
import { readAsOf } from "#server/orders/as-of";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  params: z.object({ id: z.string() }),
  query: z.object({ seq: z.coerce.number().int().min(1).max(1_000_000).optional() }),
  replies: OrderAsOf,
  handle: ({ params, query }) => readAsOf(params.id, query.seq),
});

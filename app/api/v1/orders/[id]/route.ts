import { z } from "zod";
import { OrderDetail } from "#contracts/api/orders";
import { getOrderDetail } from "#server/orders/order-queries";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  params: z.object({ id: z.string() }),
  replies: OrderDetail,
  handle: ({ params }) => getOrderDetail(params.id),
});

import { OrderList, OrderListQuery } from "#contracts/api/orders";
import { checkoutRoute } from "#server/orders/checkout-route";
import { listOrders } from "#server/orders/order-queries";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  query: OrderListQuery,
  replies: OrderList,
  handle: ({ query }) => listOrders(query),
});

export const POST = checkoutRoute();

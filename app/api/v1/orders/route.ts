import { OrderList, OrderListQuery } from "#contracts/api/orders";
import { checkoutRoute } from "#server/orders/checkout-route";
import { listOrders } from "#server/orders/order-queries";
import { guardSearch } from "#server/platform/personal-data";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "orders:read",
  query: OrderListQuery,
  replies: OrderList,
  async handle({ query, viewer }) {
    guardSearch(viewer, query.search);
    return listOrders(query);
  },
});

export const POST = checkoutRoute();

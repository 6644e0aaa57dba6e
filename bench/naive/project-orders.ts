import { runStage } from "./stage.ts";

const statusAfter: Record<string, string> = {
  "order.placed": "placed",
  "payment.captured": "paid",
  "inventory.reserved": "reserved",
  "shipping.created": "shipped",
};

await runStage("project-orders", Object.keys(statusAfter), async (fact, client) => {
  await client.query(
    "INSERT INTO naive.order_views VALUES ($1, $2, now()) ON CONFLICT (order_id) DO UPDATE SET status = $2, changed_at = now()",
    [fact.orderId, statusAfter[fact.type]],
  );
  return undefined;
});

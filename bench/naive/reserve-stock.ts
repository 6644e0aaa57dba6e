import { runStage } from "./stage.ts";

await runStage("reserve-stock", ["payment.captured"], async (fact, client) => {
  const { sku, quantity } = fact.data;
  const { rowCount } = await client.query(
    "UPDATE naive.stock SET available = available - $2 WHERE sku = $1 AND available >= $2",
    [sku, quantity],
  );
  const status = rowCount === 1 ? "reserved" : "cancelled";
  await client.query("UPDATE naive.orders SET status = $2 WHERE id = $1", [fact.orderId, status]);
  return { type: rowCount === 1 ? "inventory.reserved" : "inventory.rejected", data: fact.data };
});

import { runStage } from "./stage.ts";

await runStage("create-shipment", ["inventory.reserved"], async (fact, client) => {
  const answer = await fetch(`${process.env.SHIPPING_API_URL}/shipments`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": fact.orderId },
    body: JSON.stringify({ orderId: fact.orderId, express: false, address: fact.data.address, parcels: 1 }),
  });
  if (!answer.ok) throw new Error(`carrier answered ${answer.status}`);
  const { trackingNumber } = (await answer.json()) as { trackingNumber: string };
  await client.query("INSERT INTO naive.shipments VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    fact.orderId,
    trackingNumber,
  ]);
  await client.query("UPDATE naive.orders SET status = 'shipped' WHERE id = $1", [fact.orderId]);
  return { type: "shipping.created", data: { ...fact.data, trackingNumber } };
});

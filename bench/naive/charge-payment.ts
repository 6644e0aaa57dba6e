import Stripe from "stripe";
import { runStage } from "./stage.ts";

const api = new URL(process.env.STRIPE_API_URL!);
const stripe = new Stripe("sk_test_naive", { host: api.hostname, port: Number(api.port), protocol: "http" });

await runStage("charge-payment", ["order.placed"], async (fact, client) => {
  const amount = Number(fact.data.totalCents);
  const intent = await stripe.paymentIntents.create(
    { amount, currency: "eur", confirm: true, payment_method: "pm_card_visa", metadata: { order_id: fact.orderId } },
    { idempotencyKey: fact.id },
  );
  await client.query("INSERT INTO naive.payments VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", [
    fact.orderId,
    intent.id,
    amount,
  ]);
  await client.query("UPDATE naive.orders SET status = 'paid' WHERE id = $1", [fact.orderId]);
  return { type: "payment.captured", data: fact.data };
});

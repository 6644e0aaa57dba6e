import { orderPlaced } from "#contracts/messages/orders";
import { paymentCaptured, paymentDeferred, paymentFailed } from "#contracts/messages/payments";
import { patient, worker } from "#server/messaging/worker";
import { lockOrders, moveOrders } from "#server/orders/move-orders";
import { charge } from "#server/payments/payment-provider";
import { preparePayments, settlePayments } from "#server/payments/payments";

/**
 * Takes the money, once. The idempotency key is durable before the provider is called; an open outcome is repeated with
 * the same key, never told as a failure. Cash on delivery asks nobody.
 */
export const chargePayment = worker({
  name: "charge-payment",
  on: [orderPlaced],
  emits: [paymentCaptured, paymentFailed, paymentDeferred],
  retry: patient,
  timeoutMs: 6_000,

  async prepare(messages, tx) {
    const prepaid = messages.filter(({ data }) => data.order.paymentMethod === "prepaid");
    const payments = await preparePayments(
      tx,
      prepaid.map(({ orderId }) => orderId),
    );
    return messages.map(({ orderId }) => payments.get(orderId) ?? null);
  },

  async reach(_, { prepared }) {
    if (prepared?.status !== "pending") return null;
    return { payment: prepared, result: await charge(prepared) };
  },

  async record(work, { tx, emit }) {
    // Orders before what belongs to them, here as in `prepare`: two batches with the same order can't wait in a circle.
    const statuses = await lockOrders(
      tx,
      work.map(({ message }) => message.orderId),
    );
    const settled = await settlePayments(
      tx,
      work.flatMap(({ reached }) =>
        reached ? [{ paymentId: reached.payment.paymentId, result: reached.result }] : [],
      ),
    );
    const isNew = ({ reached }: (typeof work)[number]) => reached !== null && settled.has(reached.payment.paymentId);
    const idsWith = (outcome: string) =>
      work.filter((one) => isNew(one) && one.reached?.result.outcome === outcome).map(({ message }) => message.orderId);
    await moveOrders(tx, idsWith("captured"), "paid");
    await moveOrders(tx, idsWith("declined"), "payment_failed");

    for (const { message, reached } of work) {
      const { order } = message.data;
      // Not for an order that was cancelled meanwhile: its customer would be told of a confirmed one.
      if (order.paymentMethod === "cod" && statuses.get(message.orderId) === "placed")
        emit(paymentDeferred, message, { order });
      if (!reached || !settled.has(reached.payment.paymentId)) continue;
      const { payment, result } = reached;
      const { paymentId, amountCents } = payment;
      // Also for an order that was cancelled meanwhile: the saga hears of the money and gives it back.
      if (result.outcome === "captured")
        emit(paymentCaptured, message, { order, paymentId, amountCents, chargeId: result.chargeId });
      else emit(paymentFailed, message, { order, paymentId, reason: result.reason });
    }
  },
});

import { shippingCreated, shippingFailed } from "#contracts/messages/fulfilment";
import { deliveryCheck, orderCancelled, orderDeadline, orderDelivered, orderPlaced } from "#contracts/messages/orders";
import { paymentCaptured, paymentFailed, paymentRefunded } from "#contracts/messages/payments";
import { inventoryRejected, inventoryReleased } from "#contracts/messages/stock";
import { track } from "#server/fulfilment/carrier";
import { markDelivered } from "#server/fulfilment/shipments";
import { patient, worker } from "#server/messaging/worker";
import { decideStep, deliveryCheckDelayMs, type Step } from "#server/orders/decide-saga";
import { lockOrders, moveOrders } from "#server/orders/move-orders";
import { beginCompensation, endSagas, inspectLateOrders, markStuck, openSagas, summarize } from "#server/orders/saga";
import { refund } from "#server/payments/payment-provider";
import { type OpenRefund, prepareRefunds, settleRefunds } from "#server/payments/refunds";
import { env } from "#server/platform/env";
import { releaseStock } from "#server/stock/stock";

const NAME = "order-saga";

type Plan = { step: Step; refund: OpenRefund | undefined };

/**
 * The order's process manager: owns deadlines and undoes what can't be finished. A compensation turns the order round
 * first (no further step is possible), then gives the money back, then, in one transaction and in reverse order of the
 * steps, frees the stock, notes the refund and says `order.cancelled`.
 */
export const orderSaga = worker({
  name: NAME,
  on: [
    orderPlaced,
    paymentCaptured,
    paymentFailed,
    inventoryRejected,
    shippingFailed,
    shippingCreated,
    orderDeadline,
    deliveryCheck,
  ],
  emits: [inventoryReleased, paymentRefunded, orderCancelled, orderDelivered],
  reminds: [orderDeadline, deliveryCheck],
  retry: patient,

  async prepare(messages, tx): Promise<Plan[]> {
    const idsOf = (type: string) => messages.filter((one) => one.type === type).map(({ orderId }) => orderId);
    const statuses = await lockOrders(tx, idsOf(paymentCaptured.type));
    const late = new Map((await inspectLateOrders(tx, idsOf(orderDeadline.type))).map((one) => [one.orderId, one]));
    const steps = messages.map((message) =>
      decideStep(message, { status: statuses.get(message.orderId), late: late.get(message.orderId) }),
    );
    const undone = messages.flatMap(({ orderId }, index) => {
      const step = steps[index]!;
      return step.kind === "compensate" ? [{ orderId, reason: step.reason }] : [];
    });
    await beginCompensation(tx, undone);
    const refunds = await prepareRefunds(tx, undone);
    return messages.map(({ orderId }, index) => ({ step: steps[index]!, refund: refunds.get(orderId) }));
  },

  async reach(message, { prepared: plan }) {
    const refundId = plan.refund && (await refund(plan.refund));
    // A parcel that was only just made is not asked for: the first check comes later.
    const isCheck = plan.step.kind === "watch-delivery" && message.type === deliveryCheck.type;
    const parcel = isCheck && plan.step.kind === "watch-delivery" ? await track(plan.step.carrierId) : null;
    return {
      plan,
      refundId,
      deliveredAt: parcel?.status === "delivered" ? (parcel.deliveredAt ?? message.occurredAt) : null,
    };
  },

  async record(work, { tx, emit, remind }) {
    const { ORDER_DEADLINE_MS, TIME_SCALE } = env();
    const withStep = (kind: Step["kind"]) => work.filter(({ reached }) => reached.plan.step.kind === kind);
    const idsWith = (kind: Step["kind"]) => withStep(kind).map(({ message }) => message.orderId);

    // Orders before what belongs to them, here as in `prepare`: two batches with the same order can't wait in a circle.
    const told = [...idsWith("compensate"), ...idsWith("watch-delivery")];
    await lockOrders(tx, told);
    const summaries = await summarize(tx, told);
    const refunded = await settleRefunds(
      tx,
      work.flatMap(({ reached: { plan, refundId } }) =>
        plan.refund && refundId ? [{ key: plan.refund.key, refundId }] : [],
      ),
    );
    const released = await releaseStock(tx, idsWith("compensate"));
    const ended = await endSagas(tx, [...told, ...idsWith("end")]);
    await openSagas(tx, idsWith("open"), ORDER_DEADLINE_MS * TIME_SCALE);
    await markStuck(tx, idsWith("stuck"));
    const arrived = withStep("watch-delivery").filter(({ reached }) => reached.deliveredAt !== null);
    const delivered = await moveOrders(
      tx,
      arrived.map(({ message }) => message.orderId),
      "delivered",
    );
    await markDelivered(tx, [...delivered]);

    for (const { message, reached } of work) {
      const { plan, refundId, deliveredAt } = reached;
      const order = summaries.get(message.orderId);
      if (plan.step.kind === "open") remind(NAME, orderDeadline, message, {}, ORDER_DEADLINE_MS);
      if (plan.step.kind === "stuck") remind(NAME, orderDeadline, message, {}, ORDER_DEADLINE_MS / 4);
      if (plan.step.kind === "compensate" && order) {
        const { reason } = plan.step;
        const lines = released.lines.get(message.orderId);
        if (lines) emit(inventoryReleased, message, { order, lines });
        if (plan.refund && refundId && refunded.has(plan.refund.paymentId)) {
          const { paymentId, amountCents } = plan.refund;
          emit(paymentRefunded, message, { order, paymentId, refundId, amountCents, reason });
        }
        if (ended.has(message.orderId)) emit(orderCancelled, message, { order, reason });
      }
      if (plan.step.kind === "watch-delivery" && order) {
        const { carrierId, checks } = plan.step;
        const nextMs = deliveryCheckDelayMs(checks);
        if (deliveredAt && delivered.has(message.orderId)) emit(orderDelivered, message, { order, deliveredAt });
        else if (!deliveredAt && nextMs !== null)
          remind(NAME, deliveryCheck, message, { carrierId, checks: checks + 1 }, nextMs);
      }
    }
    for (const level of released.levels) emit.level(level, work[0]!.message);
  },
});

import { shippingCreated, shippingFailed } from "#contracts/messages/fulfilment";
import { inventoryReserved } from "#contracts/messages/stock";
import { ship } from "#server/fulfilment/carrier";
import { prepareShipments, settleShipments } from "#server/fulfilment/shipments";
import { patient, worker } from "#server/messaging/worker";
import { lockOrders, moveOrders } from "#server/orders/move-orders";
import { shipStock } from "#server/stock/stock";

/** Hands the parcel to the carrier, once. Only the carrier's own refusal is a failure; anything else is tried again. */
export const createShipment = worker({
  name: "create-shipment",
  on: [inventoryReserved],
  emits: [shippingCreated, shippingFailed],
  retry: patient,
  timeoutMs: 6_000,

  async prepare(messages, tx) {
    const shipments = await prepareShipments(
      tx,
      messages.map(({ orderId }) => orderId),
    );
    return messages.map(({ orderId }) => shipments.get(orderId) ?? null);
  },

  async reach(_, { prepared }) {
    if (prepared?.status !== "pending") return null;
    return { shipmentId: prepared.shipmentId, result: await ship(prepared) };
  },

  async record(work, { tx, emit }) {
    // Orders before what belongs to them, here as in `prepare`: two batches with the same order can't wait in a circle.
    await lockOrders(
      tx,
      work.map(({ message }) => message.orderId),
    );
    const settled = await settleShipments(
      tx,
      work.flatMap(({ message, reached }) => (reached ? [{ orderId: message.orderId, result: reached.result }] : [])),
    );
    const shipped = work
      .filter(({ message, reached }) => settled.has(message.orderId) && reached?.result.outcome === "accepted")
      .map(({ message }) => message.orderId);
    await moveOrders(tx, shipped, "shipped");
    const { levels } = await shipStock(tx, shipped);

    for (const { message, reached } of work) {
      if (!reached || !settled.has(message.orderId)) continue;
      const { order } = message.data;
      const { shipmentId, result } = reached;
      if (result.outcome === "refused") emit(shippingFailed, message, { order, reason: result.reason });
      else {
        const { carrierId, carrier, trackingNumber } = result;
        emit(shippingCreated, message, { order, shipmentId, carrierId, carrier, trackingNumber });
      }
    }
    for (const level of levels) emit.level(level, work[0]!.message);
  },
});

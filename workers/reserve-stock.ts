import { paymentCaptured, paymentDeferred } from "#contracts/messages/payments";
import { inventoryRejected, inventoryReserved } from "#contracts/messages/stock";
import { brief, worker } from "#server/messaging/worker";
import { lockOrders, moveOrders } from "#server/orders/move-orders";
import { allowedMoves } from "#server/orders/order-status";
import { listLines, reserveStock } from "#server/stock/stock";

/** Sets the pieces of an order aside, all or none, first come, first served. */
export const reserveStockWorker = worker({
  name: "reserve-stock",
  on: [paymentCaptured, paymentDeferred],
  emits: [inventoryReserved, inventoryRejected],
  retry: brief,

  async record(work, { tx, emit }) {
    const ids = work.map(({ message }) => message.orderId);
    const statuses = await lockOrders(tx, ids);
    const waiting = ids.filter((id) => allowedMoves[statuses.get(id) ?? "cancelled"].includes("reserved"));
    const lines = await listLines(tx, waiting);
    const wishes = waiting.map((orderId) => ({ orderId, lines: lines.get(orderId) ?? [] }));
    const { reserved, rejected, levels } = await reserveStock(tx, wishes);
    const held = new Map(reserved.map((one) => [one.orderId, one.lines]));
    const refused = new Map(rejected.map((one) => [one.orderId, one.missing]));
    await moveOrders(tx, [...held.keys()], "reserved");

    for (const { message } of work) {
      const { order } = message.data;
      const heldLines = held.get(message.orderId);
      const missing = refused.get(message.orderId);
      if (heldLines) emit(inventoryReserved, message, { order, lines: [...heldLines] });
      else if (missing) emit(inventoryRejected, message, { order, missing, reason: "out of stock" });
    }
    for (const level of levels) emit.level(level, work[0]!.message);
  },
});

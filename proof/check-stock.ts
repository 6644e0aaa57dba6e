import type { Ledgers, Violation } from "./ledgers.ts";

const delivered = new Set(["shipped", "delivered"]);

/** No piece appears or vanishes; what is reserved and shipped is what the orders hold; one parcel per shipped order. */
export function checkStock({ orders, stock, reservations, provider }: Ledgers): Violation[] {
  const violations: Violation[] = [];
  const found = (rule: string, detail: string) => violations.push({ rule, detail });
  const bySku = Map.groupBy(reservations, (reservation) => reservation.sku);
  const pieces = (sku: string, status: string) =>
    (bySku.get(sku) ?? []).filter((one) => one.status === status).reduce((sum, one) => sum + one.quantity, 0);

  for (const { sku, initial, available, reserved, shipped } of stock) {
    if (available < 0 || reserved < 0 || shipped < 0) found("stock is never negative", sku);
    if (initial !== available + reserved + shipped)
      found("stock is conserved", `${sku}: ${available} + ${reserved} + ${shipped} ≠ ${initial}`);
    if (reserved !== pieces(sku, "reserved"))
      found("reserved = what orders hold", `${sku}: ${reserved} ≠ ${pieces(sku, "reserved")}`);
    if (shipped !== pieces(sku, "shipped"))
      found("shipped = what left", `${sku}: ${shipped} ≠ ${pieces(sku, "shipped")}`);
  }
  const parcels = Map.groupBy(provider.parcels, (parcel) => parcel.orderId);
  const held = new Set(reservations.filter((one) => one.status === "reserved").map((one) => one.orderId));
  for (const order of orders) {
    const count = parcels.get(order.id)?.length ?? 0;
    if (delivered.has(order.status) && count !== 1) found("one parcel per shipped order", `${order.id} has ${count}`);
    if (!delivered.has(order.status) && count > 0)
      found("no parcel for an undone order", `${order.id} is ${order.status}`);
    if (held.has(order.id)) found("no stock held by a finished order", `${order.id} is ${order.status}`);
  }
  return violations;
}

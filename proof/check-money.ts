import type { Ledgers, Violation } from "./ledgers.ts";

const delivered = new Set(["shipped", "delivered"]);
const undone = new Set(["cancelled", "payment_failed"]);

/** Money is captured at most once per order, equals the order's total, goes back when the order is undone; books agree. */
export function checkMoney({ orders, payments, ledgerSums, invoiceNumbers, provider }: Ledgers): Violation[] {
  const charges = Map.groupBy(
    provider.charges.filter((charge) => charge.capturedCents > 0),
    (charge) => charge.orderId,
  );
  const ours = new Map(payments.map((payment) => [payment.orderId, payment]));
  const known = new Set(orders.map((order) => order.id));
  const violations: Violation[] = [];
  const found = (rule: string, detail: string) => violations.push({ rule, detail });

  for (const orderId of charges.keys()) if (!known.has(orderId)) found("no charge without an order", orderId);
  for (const order of orders) {
    const [charge, ...more] = charges.get(order.id) ?? [];
    const payment = ours.get(order.id);
    if (more.length > 0) found("one capture per order", `${order.id} was charged ${more.length + 1} times`);
    if (charge && charge.capturedCents !== order.totalCents)
      found("captured = total", `${order.id}: ${charge.capturedCents} of ${order.totalCents}`);
    if (charge && payment?.chargeId !== charge.id)
      found("our books = the provider's", `${order.id}: charge ${charge.id} is unknown`);
    if (!charge && (payment?.status === "captured" || payment?.status === "refunded"))
      found("our books = the provider's", `${order.id}: we believe in a capture that never was`);
    if (charge && charge.refunds > 1)
      found("one refund per capture", `${order.id} was refunded ${charge.refunds} times`);
    if (charge && undone.has(order.status) && charge.refundedCents !== charge.capturedCents)
      found(
        "an undone order costs nothing",
        `${order.id}: ${charge.refundedCents} of ${charge.capturedCents} went back`,
      );
    if (delivered.has(order.status) && order.paymentMethod === "prepaid" && !charge)
      found("no parcel without money", order.id);
    if (delivered.has(order.status) && charge && charge.refundedCents > 0) found("no parcel after a refund", order.id);
    if (order.paymentMethod === "cod" && charge) found("cash on delivery captures nothing", order.id);
  }
  for (const { paymentId, currency, sumCents } of ledgerSums)
    if (sumCents !== 0) found("debits = credits", `payment ${paymentId}: ${sumCents} ${currency}`);
  invoiceNumbers
    .toSorted((a, b) => a - b)
    .forEach((number, index) => {
      if (number !== index + 1) found("invoice numbers have no gap", `${number} stands at place ${index + 1}`);
    });
  return violations;
}

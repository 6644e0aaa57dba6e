/** Every status word of the product, once: the same in the database, the API, the log line, the badge and the test name. */

export const orderStatuses = [
  "placed",
  "paid",
  "reserved",
  "shipped",
  "delivered",
  "payment_failed",
  "cancelled",
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** How a status reads and how urgent it looks. */
export const orderStatusLabels: Record<OrderStatus, { label: string; tone: "neutral" | "progress" | "good" | "bad" }> =
  {
    placed: { label: "Placed", tone: "neutral" },
    paid: { label: "Paid", tone: "progress" },
    reserved: { label: "Reserved", tone: "progress" },
    shipped: { label: "Shipped", tone: "good" },
    delivered: { label: "Delivered", tone: "good" },
    payment_failed: { label: "Payment failed", tone: "bad" },
    cancelled: { label: "Cancelled", tone: "bad" },
  };

export const paymentStatuses = ["pending", "captured", "declined", "refunded"] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const shipmentStatuses = ["pending", "created", "refused", "delivered"] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

export const mailKinds = [
  "order_received",
  "order_confirmed",
  "payment_failed",
  "order_shipped",
  "order_cancelled",
  "order_delivered",
] as const;
export type MailKind = (typeof mailKinds)[number];

export const documentKinds = ["invoice", "label"] as const;
export type DocumentKind = (typeof documentKinds)[number];

export const roles = ["viewer", "operator", "lead", "admin"] as const;
export type Role = (typeof roles)[number];

import type { MailKind, OrderStatus } from "#contracts/vocabulary";

export type CustomerFacts = {
  status: OrderStatus;
  /** In the order in which they left. */
  mails: readonly { kind: MailKind; sentAt: Date }[];
  /** When their money was taken and kept; null = it was not, or it went back. */
  chargedAt: Date | null;
};

const told: Record<MailKind, string> = {
  order_received: "we have their order",
  order_confirmed: "their order is confirmed",
  payment_failed: "their payment failed",
  order_shipped: "their parcel is on its way",
  order_cancelled: "their order is cancelled",
  order_delivered: "their parcel has arrived",
};

/** The mail that says what the status means. */
const mailOf: Record<OrderStatus, MailKind> = {
  placed: "order_received",
  paid: "order_confirmed",
  reserved: "order_confirmed",
  shipped: "order_shipped",
  delivered: "order_delivered",
  payment_failed: "payment_failed",
  cancelled: "order_cancelled",
};

/** What the customer knows of an order by now, in one sentence. */
export function customerSees({ status, mails, chargedAt }: CustomerFacts): string {
  const wanted = mailOf[status];
  const known = mails.find(({ kind }) => kind === wanted);
  if (known) return `They know that ${told[wanted]}: that mail left at ${time(known.sentAt)}.`;
  const last = mails.at(-1);
  const heard = last
    ? `They were last told that ${told[last.kind]} (${time(last.sentAt)})`
    : "They have had no mail since they placed it";
  const money = chargedAt ? `, though they were charged at ${time(chargedAt)}` : "";
  return `${heard} and have not heard that ${told[wanted]}${money}.`;
}

const time = (date: Date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

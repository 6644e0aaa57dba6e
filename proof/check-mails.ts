import type { Ledgers, Violation } from "./ledgers.ts";

/** The mails that an order's events owe its customer. */
const owed: Readonly<Record<string, string>> = {
  "order.placed": "order_received",
  "payment.captured": "order_confirmed",
  "payment.deferred": "order_confirmed",
  "payment.failed": "payment_failed",
  "shipping.created": "order_shipped",
  "order.cancelled": "order_cancelled",
};

/** Every mail owed was sent at least once, to its customer and nobody else, always under the same Message-ID. */
export function checkMails({ orders, events, provider }: Ledgers): Violation[] {
  const mails = Map.groupBy(provider.mails, (mail) => `${mail.orderId} ${mail.kind}`);
  const emails = new Map(orders.map((order) => [order.id, order.email]));
  const violations: Violation[] = [];
  const found = (rule: string, detail: string) => violations.push({ rule, detail });

  for (const { orderId, type } of events) {
    const kind = owed[type];
    if (kind && !mails.has(`${orderId} ${kind}`)) found("every mail at least once", `${orderId} ${kind}`);
  }
  for (const [what, copies] of mails) {
    if (new Set(copies.map((mail) => mail.messageId)).size > 1) found("a repeated mail is the same mail", what);
    const to = emails.get(copies[0]!.orderId);
    for (const mail of copies)
      if (mail.recipients.length !== 1 || mail.recipients[0] !== to) found("no mail to anybody else", what);
  }
  return violations;
}

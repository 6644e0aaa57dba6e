import type { MailKind } from "#contracts/vocabulary";

/** What a mail tells of; texts come from the database and may hold anything. */
export type MailFacts = {
  orderNumber: number;
  customerName: string;
  totalCents: number;
  currency: string;
  lines: readonly { name: string; quantity: number; unitPriceCents: number }[];
  trackingNumber?: string;
  reason?: string;
};

export type MailContent = { subject: string; text: string; html: string };

type Template = { subject: string; lead: (facts: MailFacts) => string; showsLines: boolean };

const templates: Record<MailKind, Template> = {
  order_received: {
    subject: "we have your order",
    lead: () => "Thank you for your order. We will write again when it is paid and on its way.",
    showsLines: true,
  },
  order_confirmed: {
    subject: "your order is confirmed",
    lead: () => "Your order is confirmed. We are getting it ready.",
    showsLines: true,
  },
  payment_failed: {
    subject: "your payment did not go through",
    lead: () => "Your payment was declined. Nothing was charged, and the order is closed.",
    showsLines: false,
  },
  order_shipped: {
    subject: "your order is on its way",
    lead: ({ trackingNumber }) =>
      `Your parcel left our house. Its tracking number is ${trackingNumber ?? "not known yet"}.`,
    showsLines: false,
  },
  order_cancelled: {
    subject: "your order was cancelled",
    lead: ({ reason }) => `We had to cancel your order${reason ? ` (${reason})` : ""}. What you paid goes back to you.`,
    showsLines: false,
  },
  order_delivered: {
    subject: "your order has arrived",
    lead: () => "The carrier handed your parcel over. Enjoy it.",
    showsLines: false,
  },
};

/** The mail of a kind. Pure; everything that is not ours is escaped in the HTML part. */
export function mailContent(kind: MailKind, facts: MailFacts): MailContent {
  const { subject, lead, showsLines } = templates[kind];
  const greeting = `Dear ${facts.customerName},`;
  const intro = lead(facts);
  const lines = showsLines ? facts.lines : [];
  const total = showsLines ? `Total ${money(facts.totalCents, facts.currency)}` : "";
  const rows = lines.map(
    (line) => `${line.quantity} × ${line.name}, ${money(line.quantity * line.unitPriceCents, facts.currency)}`,
  );
  return {
    subject: `Order ${facts.orderNumber}: ${subject}`,
    text: [greeting, "", intro, "", ...rows, total].join("\n").trimEnd(),
    html: `<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif;color:#212529;background:#f8f9fa;padding:24px">
<div style="max-width:34rem;margin:auto;background:#fff;border:1px solid #dee2e6;border-radius:8px;padding:24px">
<p style="color:#5c636a;margin:0 0 16px">Order ${facts.orderNumber}</p><p>${escapeHtml(greeting)}</p><p>${escapeHtml(intro)}</p>
${rows.length > 0 ? `<ul>${rows.map((row) => `<li>${escapeHtml(row)}</li>`).join("")}</ul><p><strong>${escapeHtml(total)}</strong></p>` : ""}
</div></body></html>`,
  };
}

/** `12.90 EUR`; integer arithmetic only. */
export const money = (cents: number, currency: string): string =>
  `${Math.trunc(cents / 100)}.${String(Math.abs(cents % 100)).padStart(2, "0")} ${currency}`;

const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

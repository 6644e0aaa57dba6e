import { createTransport, type Transporter } from "nodemailer";
import { env } from "#server/platform/env";
import { processWide } from "#server/platform/process-wide";

export type OutgoingMail = {
  orderId: string;
  kind: string;
  recipient: { name: string; email: string };
  subject: string;
  text: string;
  html: string;
};

/** The recipient is not one strict address. */
export class RecipientRefused extends Error {
  override name = "RecipientRefused";
}

const TIMEOUT_MS = 10_000;
const MAX_ADDRESS = 254;

/** One local part, one `@`, one domain: no control character, blank, comma, semicolon, colon, quote, bracket or second `@`. */
const strictAddress = /^[^\p{Cc}\s,;:"<>()[\]\\@]+@[^\p{Cc}\s,;:"<>()[\]\\@]+$/u;

/** @throws RecipientRefused for what a mail library could read as more than one address, or as a header. */
export function guardRecipient(address: string): string {
  if (address.length > MAX_ADDRESS || !strictAddress.test(address))
    throw new RecipientRefused("the recipient is not one plain address");
  return address;
}

/** The same for every attempt at the same mail, so that a repeat is recognised as one. */
export const messageIdOf = ({ orderId, kind }: Pick<OutgoingMail, "orderId" | "kind">): string =>
  `<${kind}.${orderId}@${env().MAIL_FROM.split("@")[1]}>`;

/**
 * Hands a mail to the SMTP server; resolves when it took it. The address goes as an object: a string would be parsed.
 * @param signal ends the wait for a connection: a mail that was given up on must not leave later, beside its repeat.
 */
export async function sendMail(mail: OutgoingMail, signal?: AbortSignal): Promise<void> {
  const { orderId, kind, recipient, subject, text, html } = mail;
  await transport().sendMail({
    from: { name: "Order desk", address: env().MAIL_FROM },
    to: { name: recipient.name, address: guardRecipient(recipient.email) },
    subject,
    text,
    html,
    messageId: messageIdOf(mail),
    headers: { "X-Order-Id": orderId, "X-Mail-Kind": kind },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(signal && { signal }),
  });
}

/** A mail to one of our own people. */
export type Notice = { id: string; to: string; subject: string; text: string };

/** Resolves when the SMTP server took it. @throws RecipientRefused, or the server's error. */
export async function sendNotice({ id, to, subject, text }: Notice): Promise<void> {
  await transport().sendMail({
    from: { name: "Order pipeline", address: env().MAIL_FROM },
    to: { name: "", address: guardRecipient(to) },
    subject,
    text,
    messageId: `<notice.${id}@${env().MAIL_FROM.split("@")[1]}>`,
    headers: { "X-Notice-Id": id, "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** One pool of connections per process. */
const transport = (): Transporter =>
  processWide("mail-transport", () =>
    createTransport({
      url: env().SMTP_URL,
      pool: true,
      maxConnections: 5,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never),
  );

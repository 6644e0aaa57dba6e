import { randomUUID } from "node:crypto";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { Faults } from "./faults.ts";

export type CaughtMail = {
  id: string;
  receivedAt: string;
  /** From the SMTP envelope: who would really have got it. */
  recipients: string[];
  orderId: string;
  kind: string;
  messageId: string;
  subject: string;
  from: string;
  text: string;
  html: string;
  raw: Buffer;
};

/** What the ledger keeps of every mail, however many there were. */
export type MailEntry = Pick<CaughtMail, "orderId" | "kind" | "messageId" | "recipients">;

export type MailCatcher = {
  server: SMTPServer;
  /** The newest, oldest first, at most 2,000. */
  mails: CaughtMail[];
  ledger: MailEntry[];
};

const KEPT = 2_000;
const MAX_BYTES = 10_485_760;

/** An SMTP server that takes every mail and delivers none. */
export function createMailCatcher(faults: Faults): MailCatcher {
  const mails: CaughtMail[] = [];
  const ledger: MailEntry[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    size: MAX_BYTES,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const { mode, slowMs } = faults.draw("mail");
        if (mode === "down") return void session.id;
        if (mode === "hang") return;
        if (mode === "slow") await new Promise((resolve) => setTimeout(resolve, slowMs));
        if (mode === "fail500" || mode === "decline" || mode === "429") return done(refusal("451 told to fail"));
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const mail = await read(Buffer.concat(chunks), recipients);
        ledger.push({ orderId: mail.orderId, kind: mail.kind, messageId: mail.messageId, recipients });
        mails.push(mail);
        if (mails.length > KEPT) mails.shift();
        if (mode === "timeout_after_effect") return;
        done(mode === "fail_after_effect" ? refusal("451 told to fail after the effect") : undefined);
      });
    },
    onConnect(_, done) {
      done(faults.draw("mail").mode === "down" ? refusal("421 told to be down") : undefined);
    },
  });
  server.on("error", () => {});
  return { server, mails, ledger };
}

async function read(raw: Buffer, recipients: string[]): Promise<CaughtMail> {
  const email = await PostalMime.parse(raw);
  return {
    id: randomUUID(),
    receivedAt: new Date().toISOString(),
    recipients,
    orderId: header(email, "x-order-id"),
    kind: header(email, "x-mail-kind"),
    messageId: email.messageId ?? "",
    subject: email.subject ?? "",
    from: email.from?.address ?? "",
    text: email.text ?? "",
    html: email.html ?? "",
    raw,
  };
}

const header = (email: Email, name: string) => email.headers.find(({ key }) => key === name)?.value ?? "";

const refusal = (text: string) => Object.assign(new Error(text.slice(4)), { responseCode: Number(text.slice(0, 3)) });

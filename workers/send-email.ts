import { sendEmail } from "#contracts/messages/fulfilment";
import { mailContent } from "#server/fulfilment/mail-content";
import { messageIdOf, sendMail } from "#server/fulfilment/mail-transport";
import { recordMails } from "#server/fulfilment/mails";
import { factsOf, readPaperFacts } from "#server/fulfilment/paper-facts";
import { brief, worker } from "#server/messaging/worker";

/** Writes to the order's customer: at least once, always under the same Message-ID, to nobody else. */
export const sendEmailWorker = worker({
  name: "send-email",
  on: [sendEmail],
  emits: [],
  retry: brief,

  async prepare(messages, tx) {
    const facts = await readPaperFacts(
      tx,
      messages.map(({ orderId }) => orderId),
    );
    return messages.map(({ orderId }) => factsOf(facts, orderId));
  },

  async reach({ orderId, data }, { prepared: facts, signal }) {
    const { kind, reason, trackingNumber } = data;
    const content = mailContent(kind, { ...facts, reason, trackingNumber });
    const recipient = { name: facts.customerName, email: facts.email };
    await sendMail({ orderId, kind, recipient, ...content }, signal);
    return { kind, recipient: facts.email, subject: content.subject };
  },

  record: (work, { tx }) =>
    recordMails(
      tx,
      work.map(({ message: { orderId }, reached }) => ({
        orderId,
        ...reached,
        messageId: messageIdOf({ orderId, kind: reached.kind }),
      })),
    ),
});

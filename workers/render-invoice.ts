import { renderInvoice } from "#contracts/messages/fulfilment";
import { storeDocuments, takeNumbers } from "#server/fulfilment/documents";
import { factsOf, readPaperFacts } from "#server/fulfilment/paper-facts";
import { drawPdf } from "#server/fulfilment/pdf";
import { brief, worker } from "#server/messaging/worker";

/** Makes the invoice. Its number is taken first and kept: numbers have no gap, a repeat is the same invoice. */
export const renderInvoiceWorker = worker({
  name: "render-invoice",
  on: [renderInvoice],
  emits: [],
  retry: brief,

  async prepare(messages, tx) {
    const orderIds = messages.map(({ orderId }) => orderId);
    const facts = await readPaperFacts(tx, orderIds);
    const known = orderIds.map((orderId) => factsOf(facts, orderId));
    const numbers = await takeNumbers(tx, "invoice", orderIds);
    return known.map(({ email: _, ...fact }) => ({ ...fact, invoiceNumber: numbers.get(fact.orderId)! }));
  },

  reach: (_, { prepared: facts }) => drawPdf({ kind: "invoice", facts }),

  record: (work, { tx }) =>
    storeDocuments(
      tx,
      "invoice",
      work.map(({ message: { orderId }, reached: content }) => ({ orderId, content })),
    ),
});

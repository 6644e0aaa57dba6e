import { renderLabel } from "#contracts/messages/fulfilment";
import { storeDocuments, takeNumbers } from "#server/fulfilment/documents";
import { factsOf, readPaperFacts } from "#server/fulfilment/paper-facts";
import { drawPdf } from "#server/fulfilment/pdf";
import { brief, worker } from "#server/messaging/worker";

/** Makes the parcel's label. */
export const renderLabelWorker = worker({
  name: "render-label",
  on: [renderLabel],
  emits: [],
  retry: brief,

  async prepare(messages, tx) {
    const orderIds = messages.map(({ orderId }) => orderId);
    const facts = await readPaperFacts(tx, orderIds);
    const known = orderIds.map((orderId) => factsOf(facts, orderId));
    await takeNumbers(tx, "label", orderIds);
    return known;
  },

  reach({ data }, { prepared: { orderNumber, shippingAddress } }) {
    const { carrier, trackingNumber } = data;
    return drawPdf({ kind: "label", facts: { orderNumber, shippingAddress, carrier, trackingNumber } });
  },

  record: (work, { tx }) =>
    storeDocuments(
      tx,
      "label",
      work.map(({ message: { orderId }, reached: content }) => ({ orderId, content })),
    ),
});

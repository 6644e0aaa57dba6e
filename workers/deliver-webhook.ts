import { deliverWebhookCommand } from "#contracts/messages/fulfilment";
import { brief, worker } from "#server/messaging/worker";
import { deactivateEndpoint, findTarget, recordDeliveries } from "#server/partners/endpoints";
import { sendWebhook } from "#server/partners/send-webhook";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";

/** Tells a partner of a fact, at least once, under the same id. */
export const deliverWebhook = worker({
  name: "deliver-webhook",
  on: [deliverWebhookCommand],
  emits: [],
  retry: brief,

  async reach({ data }) {
    const target = await findTarget(db, data.endpointId);
    if (!target?.isActive) return { outcome: "gone" as const, httpStatus: 0 };
    const { factId: id, factType: type, occurredAt, payload } = data;
    return sendWebhook(
      { url: target.url, secret: target.secret, id, type, occurredAt, data: payload },
      { allowLoopback: env().WEBHOOK_ALLOW_LOOPBACK },
    );
  },

  async record(work, { tx }) {
    const delivered = work.filter(({ reached }) => reached.outcome === "delivered");
    await recordDeliveries(
      tx,
      delivered.map(({ message: { orderId, data }, reached: { httpStatus } }) => {
        const { endpointId, factId, factType } = data;
        return { endpointId, factId, orderId, factType, httpStatus };
      }),
    );
    for (const { message, reached } of work)
      if (reached.httpStatus === 410) await deactivateEndpoint(tx, message.data.endpointId);
  },
});

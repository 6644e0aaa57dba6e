import { Alerts, ChannelRequest } from "#contracts/api/alerts";
import { guardUrl } from "#server/partners/guard-address";
import { addChannel } from "#server/pipeline/alert-acts";
import { readAlerts } from "#server/pipeline/read-alerts";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "alerts:manage",
  accepts: ChannelRequest,
  replies: Alerts,
  async handle({ body, viewer, request }) {
    await act({ viewer, request, body }, async (operation) => {
      await addChannel(operation, body, guardUrl);
      return {};
    });
    return readAlerts();
  },
});

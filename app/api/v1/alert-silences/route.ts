import { Alerts, SilenceRequest } from "#contracts/api/alerts";
import { addSilence } from "#server/pipeline/alert-acts";
import { readAlerts } from "#server/pipeline/read-alerts";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "alerts:manage",
  accepts: SilenceRequest,
  replies: Alerts,
  async handle({ body, viewer, request }) {
    await act({ viewer, request, body }, async (operation) => {
      await addSilence(operation, body);
      return {};
    });
    return readAlerts();
  },
});

import { z } from "zod";
import { Alerts } from "#contracts/api/alerts";
import { removeChannel } from "#server/pipeline/alert-acts";
import { readAlerts } from "#server/pipeline/read-alerts";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const DELETE = route({
  permission: "alerts:manage",
  params: z.object({ id: z.uuid() }),
  replies: Alerts,
  async handle({ params, viewer, request }) {
    await act({ viewer, request, body: null }, async (operation) => {
      await removeChannel(operation, params.id);
      return {};
    });
    return readAlerts();
  },
});

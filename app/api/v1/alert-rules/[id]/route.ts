import { z } from "zod";
import { Alerts, RuleChange } from "#contracts/api/alerts";
import { changeRule } from "#server/pipeline/alert-acts";
import { readAlerts } from "#server/pipeline/read-alerts";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const PATCH = route({
  permission: "alerts:manage",
  params: z.object({ id: z.string() }),
  accepts: RuleChange,
  replies: Alerts,
  async handle({ params, body, viewer, request }) {
    await act({ viewer, request, body }, async (operation) => {
      await changeRule(operation, params.id, body);
      return {};
    });
    return readAlerts();
  },
});

import { Plan, PlanRequest } from "#contracts/api/replays";
import { planReplays } from "#server/dead-letters/plan-replays";
import { act } from "#server/platform/act";
import { demand, route } from "#server/platform/route";

export const POST = route({
  permission: "dead-letters:replay",
  accepts: PlanRequest,
  replies: Plan,
  status: 201,
  async handle({ viewer, request, body }) {
    if (!("letterIds" in body.selection) || body.selection.letterIds.length > 1)
      await demand(request, viewer, "dead-letters:bulk");
    if (body.target) await demand(request, viewer, "dead-letters:redirect");
    return act({ viewer, request, body }, (operation) => planReplays(operation, body));
  },
});

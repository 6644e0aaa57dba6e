import { z } from "zod";
import { DrillEnd, DrillList, DrillRequest, drillSystems } from "#contracts/api/drills";
import { beginDrill, endDrill } from "#server/pipeline/drills";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

const params = z.object({ system: z.enum(drillSystems) });

export const POST = route({
  permission: "drills:control",
  params,
  accepts: DrillRequest,
  replies: DrillList,
  handle: ({ viewer, request, body, params: { system } }) =>
    act({ viewer, request, body }, (operation) => beginDrill(operation, system, body)),
});

export const DELETE = route({
  permission: "drills:control",
  params,
  accepts: DrillEnd,
  replies: DrillList,
  handle: ({ viewer, request, body, params: { system } }) =>
    act({ viewer, request, body }, (operation) => endDrill(operation, system, body.reason)),
});

import { z } from "zod";
import { ReEmitReply, ReEmitRequest } from "#contracts/api/findings";
import { reEmit } from "#server/pipeline/re-emit";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "dead-letters:bulk",
  params: z.object({ id: z.uuid() }),
  accepts: ReEmitRequest,
  replies: ReEmitReply,
  status: 201,
  handle: ({ params, viewer, request, body }) =>
    act({ viewer, request, body }, (operation) => reEmit(operation, params.id, body.reason)),
});

import { z } from "zod";
import { OffsetReset, OffsetResetReply } from "#contracts/api/operations";
import { planReset, resetOffsets } from "#server/pipeline/reset-offsets";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "workers:control",
  params: z.object({ id: z.string() }),
  accepts: OffsetReset,
  replies: OffsetResetReply,
  handle: ({ params, body, viewer, request }) =>
    body.typedGroup === undefined
      ? planReset(params.id, body)
      : act({ viewer, request, body }, (operation) => resetOffsets(operation, params.id, body)),
});

import { ReEmitKindReply, ReEmitKindRequest } from "#contracts/api/findings";
import { planReEmits, reEmitKind } from "#server/pipeline/re-emit-kind";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "dead-letters:bulk",
  accepts: ReEmitKindRequest,
  replies: ReEmitKindReply,
  handle({ body, viewer, request }) {
    const { kind, accepted } = body;
    if (!accepted) return planReEmits(kind);
    return act({ viewer, request, body }, (operation) => reEmitKind(operation, kind, accepted));
  },
});

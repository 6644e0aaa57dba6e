import { ArchiveReply, ArchiveRequest } from "#contracts/api/replays";
import { restoreLetters } from "#server/dead-letters/archive-letters";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "dead-letters:bulk",
  accepts: ArchiveRequest,
  replies: ArchiveReply,
  status: 201,
  handle: ({ viewer, request, body }) =>
    act({ viewer, request, body }, (operation) => restoreLetters(operation, body.selection, body.reason)),
});

import { z } from "zod";
import { EditReply, EditRequest } from "#contracts/api/replays";
import { startEdit } from "#server/dead-letters/start-edit";
import { route } from "#server/platform/route";

export const POST = route({
  permission: "dead-letters:edit",
  params: z.object({ id: z.uuid() }),
  accepts: EditRequest,
  replies: EditReply,
  status: 201,
  handle: ({ params, ...asked }) => startEdit(asked, params.id),
});

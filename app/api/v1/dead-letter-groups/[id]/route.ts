import { z } from "zod";
import { GroupChange, GroupRow } from "#contracts/api/dead-letters";
import { changeGroup, getGroup } from "#server/dead-letters/group-queries";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

const params = z.object({ id: z.string() });

export const GET = route({
  permission: "dead-letters:read",
  params,
  replies: GroupRow,
  handle: ({ params: { id } }) => getGroup(id),
});

export const PATCH = route({
  permission: "dead-letters:bulk",
  params,
  accepts: GroupChange,
  replies: GroupRow,
  handle: ({ viewer, request, body, params: { id } }) =>
    act({ viewer, request, body }, (operation) => changeGroup(operation, id, body)),
});

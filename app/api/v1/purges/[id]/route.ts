import { z } from "zod";
import { Purge, PurgeDecision } from "#contracts/api/replays";
import { decidePurge } from "#server/dead-letters/purge-letters";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

export const PATCH = route({
  permission: "dead-letters:bulk",
  params: z.object({ id: z.uuid() }),
  accepts: PurgeDecision,
  replies: Purge,
  handle: ({ viewer, request, body, params }) =>
    act({ viewer, request, body }, (operation) => decidePurge(operation, params.id, body)),
});

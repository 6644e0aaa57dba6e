import { Purge, PurgeAsk, PurgeList } from "#contracts/api/replays";
import { askForPurge, listPurges } from "#server/dead-letters/purge-letters";
import { act } from "#server/platform/act";
import { db } from "#server/platform/db";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:bulk",
  replies: PurgeList,
  handle: async () => ({ purges: await listPurges(db) }),
});

export const POST = route({
  permission: "dead-letters:bulk",
  accepts: PurgeAsk,
  replies: Purge,
  status: 201,
  handle: ({ viewer, request, body }) => act({ viewer, request, body }, (operation) => askForPurge(operation, body)),
});

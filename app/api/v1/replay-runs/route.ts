import { z } from "zod";
import { Run, RunList, RunRequest } from "#contracts/api/replays";
import { listRuns } from "#server/dead-letters/run-queries";
import { startRun } from "#server/dead-letters/start-run";
import { route } from "#server/platform/route";

export const GET = route({
  permission: "dead-letters:read",
  query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
  replies: RunList,
  handle: async ({ query }) => ({ runs: await listRuns(query.limit) }),
});

export const POST = route({
  permission: "dead-letters:replay",
  accepts: RunRequest,
  replies: Run,
  status: 201,
  handle: (asked) => startRun(asked),
});

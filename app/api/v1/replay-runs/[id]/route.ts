import { z } from "zod";
import { Run, RunChange, RunDetail } from "#contracts/api/replays";
import { changeRun } from "#server/dead-letters/change-run";
import { getRun } from "#server/dead-letters/run-queries";
import { act } from "#server/platform/act";
import { demand, route } from "#server/platform/route";

const params = z.object({ id: z.uuid() });

export const GET = route({
  permission: "dead-letters:read",
  params,
  replies: RunDetail,
  handle: ({ params: { id } }) => getRun(id),
});

export const PATCH = route({
  permission: "dead-letters:replay",
  params,
  accepts: RunChange,
  replies: Run,
  async handle({ params: { id }, body, viewer, request }) {
    const { run } = await getRun(id);
    if (run.letters > 1 || body.action === "start") await demand(request, viewer, "dead-letters:bulk");
    await act({ viewer, request, body }, async (operation) => {
      await changeRun(operation, id, body);
      return { runId: id };
    });
    return (await getRun(id)).run;
  },
});

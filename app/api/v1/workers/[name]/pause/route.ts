import { z } from "zod";
import { PauseRequest } from "#contracts/api/operations";
import { pauseWorker, resumeWorker } from "#server/pipeline/pause-worker";
import { act } from "#server/platform/act";
import { route } from "#server/platform/route";

const params = z.object({ name: z.string() });
const replies = z.object({ worker: z.string(), isPaused: z.boolean() });

export const POST = route({
  permission: "workers:control",
  params,
  accepts: PauseRequest,
  replies,
  handle: ({ viewer, request, body, params: { name } }) =>
    act({ viewer, request, body }, async (operation) => {
      await pauseWorker(operation, name, body.reason);
      return { worker: name, isPaused: true };
    }),
});

export const DELETE = route({
  permission: "workers:control",
  params,
  accepts: PauseRequest,
  replies,
  handle: ({ viewer, request, body, params: { name } }) =>
    act({ viewer, request, body }, async (operation) => {
      await resumeWorker(operation, name, body.reason);
      return { worker: name, isPaused: false };
    }),
});

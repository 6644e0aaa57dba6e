import type { Run, RunRequest } from "#contracts/api/replays";
import { act } from "#server/platform/act";
import type { Viewer } from "#server/platform/auth";
import { crashPoint } from "#server/platform/crash-point";
import { db } from "#server/platform/db";
import { demand } from "#server/platform/route";
import { sql } from "#server/platform/sql";
import { acceptPlan } from "./accept-plan.ts";
import { getRun } from "./run-queries.ts";

/**
 * Accepts a plan for somebody. More than one letter, or one against its verdict, is a lead's act.
 * @throws Problem 403, and those of `acceptPlan`.
 */
export async function startRun({
  viewer,
  request,
  body,
}: {
  viewer: Viewer | null;
  request: Request;
  body: RunRequest;
}): Promise<Run> {
  const [plan] = await db.rows<{ letters: number; kind: string }>(
    sql`SELECT letters, kind FROM replay_runs WHERE id = ${body.planId}::uuid`,
  );
  if (plan && plan.letters > 1) await demand(request, viewer, "dead-letters:bulk");
  if (plan?.kind === "redirect") await demand(request, viewer, "dead-letters:redirect");
  if (body.force || body.overrideQuarantine || body.holdMs === 0) await demand(request, viewer, "dead-letters:bulk");
  const { runId } = await act({ viewer, request, body }, (operation) => acceptPlan(operation, body));
  crashPoint("accept:committed");
  return (await getRun(runId)).run;
}

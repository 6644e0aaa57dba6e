import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import {
  EditCheck,
  EditReply,
  type EditRequest,
  Plan,
  type PlanRequest,
  Purge,
  type PurgeAsk,
  type PurgeDecision,
  PurgeList,
  Run,
  type RunChange,
  RunDetail,
  RunList,
  type RunRequest,
} from "#contracts/api/replays";
import type { RunStatus } from "#contracts/vocabulary";
import { asAct, callApi, withJson } from "./api.ts";

const runs = "/api/v1/replay-runs";
const overStatuses: ReadonlySet<RunStatus> = new Set(["completed", "cancelled", "stopped", "expired"]);

/** Nothing leaves any more; answers may still come in. */
export const isOver = (status: RunStatus): boolean => overStatuses.has(status);

/**
 * Freezes the letters and says what a run would do; nothing is sent. One plan per key: asked twice for the same key it is
 * the same plan.
 */
export const planQuery = (request: z.input<typeof PlanRequest>, key: string) =>
  queryOptions({
    queryKey: ["replay-plan", key],
    queryFn: () => callApi(Plan, "/api/v1/replay-plans", asAct("POST", request, key)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });

export const startRun = (request: z.input<typeof RunRequest>, key: string) =>
  callApi(Run, runs, asAct("POST", request, key));

export const runListQuery = queryOptions({
  queryKey: ["replay-runs"],
  queryFn: () => callApi(RunList, runs),
});

/** One run; kept fresh by the live stream, its receipt as well. */
export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ["replay-run", runId],
    queryFn: () => callApi(RunDetail, `${runs}/${encodeURIComponent(runId)}`),
  });

/** The run's report, for whoever writes about the incident. */
export const runReportHref = (runId: string, format: "csv" | "json"): string =>
  `${runs}/${encodeURIComponent(runId)}/report?format=${format}`;

export const changeRun = (runId: string, change: RunChange, key: string) =>
  callApi(Run, `${runs}/${encodeURIComponent(runId)}`, asAct("PATCH", change, key));

/** What an edit would be told; changes nothing. */
export const checkEdit = (letterId: string, body: string, signal?: AbortSignal) =>
  callApi(EditCheck, `/api/v1/dead-letters/${encodeURIComponent(letterId)}/edit-checks`, {
    ...withJson("POST", { body }),
    signal,
  });

export const sendEdit = (letterId: string, edit: EditRequest, key: string) =>
  callApi(EditReply, `/api/v1/dead-letters/${encodeURIComponent(letterId)}/edits`, asAct("POST", edit, key));

export const purgeListQuery = queryOptions({
  queryKey: ["purges"],
  queryFn: () => callApi(PurgeList, "/api/v1/purges"),
  refetchInterval: 60_000,
});

export const askForPurge = (ask: z.input<typeof PurgeAsk>, key: string) =>
  callApi(Purge, "/api/v1/purges", asAct("POST", ask, key));

export const decidePurge = (purgeId: string, decision: z.infer<typeof PurgeDecision>, key: string) =>
  callApi(Purge, `/api/v1/purges/${encodeURIComponent(purgeId)}`, asAct("PATCH", decision, key));

import type { QueryClient } from "@tanstack/react-query";
import type { GroupList } from "#contracts/api/dead-letters";
import { LetterNewsRow, LettersFrame, RECENT_NEWS_MS } from "#contracts/api/letter-frames";
import { type Run, RunDetail } from "#contracts/api/replays";
import { standingQuery } from "./dead-letters.ts";
import { addCauses, type ChangedCauses, gatherCauses, isTouched, mergeRuns } from "./letter-news.ts";
import { runListQuery, runQuery } from "./replays.ts";

/** Between two times that lists are asked for again, ms: a storm of letters is no storm of requests. */
const REFRESH_MS = 1_000;
/** On the safe side of how long the first frame of news and a page's own answers are under way, ms. */
const UNDER_WAY_MS = 3_000;

/** Counts and runs are in the frame itself. */
export function applyLetters(client: QueryClient, data: unknown): void {
  const { at, counts, inBrokers, runs } = LettersFrame.parse(data);
  client.setQueryData(standingQuery.queryKey, { counts, aheadMs: Date.now() - Date.parse(at) });
  // Only what differs is written: each writing puts off the time at which a list is asked for again.
  client.setQueriesData<GroupList>({ queryKey: ["dead-letter-groups"] }, (old) =>
    !old || old.inBrokers.rabbitmq === inBrokers.rabbitmq ? undefined : { ...old, inBrokers },
  );
  patchRuns(client, runs);
}

function patchRuns(client: QueryClient, runs: readonly Run[]): void {
  if (runs.length === 0) return;
  client.setQueryData(runListQuery.queryKey, (old) => old && mergeRuns(old, runs));
  for (const run of runs) client.setQueryData(runQuery(run.runId).queryKey, (old) => old && { ...old, run });
}

export function applyRun(client: QueryClient, data: unknown): void {
  const detail = RunDetail.parse(data);
  client.setQueryData(runQuery(detail.run.runId).queryKey, detail);
}

const refreshers = new WeakMap<QueryClient, (causes: ChangedCauses) => void>();

function refresherOf(client: QueryClient): (causes: ChangedCauses) => void {
  const made = gatherCauses(
    (causes) => client.invalidateQueries({ predicate: (query) => isTouched(query, causes) }),
    REFRESH_MS,
  );
  const refresh = refreshers.get(client) ?? made;
  refreshers.set(client, refresh);
  return refresh;
}

/** Lists on the screen are asked for again when their causes changed. */
export function applyLetterNews(client: QueryClient, data: unknown, kind: string): void {
  const rows = LetterNewsRow.array().parse(data);
  refresherOf(client)(rows.map(({ groupId }) => (groupId === null ? null : [groupId])).reduce(addCauses, []));
  if (kind !== "snapshot") return;
  // A snapshot tells what changed lately: whatever was asked for before that may have missed more.
  const sinceMs = Date.now() - RECENT_NEWS_MS + UNDER_WAY_MS;
  void client.invalidateQueries({
    predicate: (query) =>
      query.state.dataUpdatedAt < sinceMs && (query.queryKey[0] === "replay-runs" || isTouched(query, null)),
  });
}

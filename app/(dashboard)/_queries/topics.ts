import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { BrowseLine, type BrowseQuery, TopicList } from "#contracts/api/operations";
import { ApiError, callApi, toQuery } from "./api.ts";
import { readLines } from "./read-lines.ts";

/** Topics of the cluster, ours and others'. */
export const topicListQuery = (search: string) =>
  queryOptions({
    queryKey: ["topics", search],
    queryFn: () => callApi(TopicList, `/api/v1/topics${toQuery({ search })}`),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

/** What narrows the records, as it stands in the URL. */
export type Browsing = Partial<BrowseQuery>;

/** Reads records as they are found. Aborting the signal ends the reading on the server too. @throws ApiError. */
export async function* browseRecords(topic: string, query: Browsing, signal: AbortSignal): AsyncGenerator<BrowseLine> {
  const answer = await fetch(`/api/v1/topics/${encodeURIComponent(topic)}/records${toQuery(query)}`, { signal });
  if (answer.status === 401) window.location.assign("/sign-in");
  if (!answer.ok || !answer.body) {
    const problem = await answer.json().catch(() => ({}));
    throw new ApiError(answer.status, problem.code ?? "unknown", problem.detail ?? "The server gave no reason.");
  }
  for await (const line of readLines(answer.body)) yield BrowseLine.parse(JSON.parse(line));
}

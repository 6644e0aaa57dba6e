import { keepPreviousData, queryOptions, skipToken } from "@tanstack/react-query";
import type { z } from "zod";
import {
  type GroupChange,
  GroupList,
  GroupRow,
  LetterDetail,
  type LetterFilter,
  LetterList,
  LetterPages,
} from "#contracts/api/dead-letters";
import type { LettersFrame } from "#contracts/api/letter-frames";
import { ArchiveReply, type ArchiveRequest } from "#contracts/api/replays";
import { asAct, callApi, download, toQuery, withJson } from "./api.ts";

const letters = "/api/v1/dead-letters";
const groups = "/api/v1/dead-letter-groups";

/** What narrows the letters, as it stands in the URL. */
export type LetterNarrowing = Partial<LetterFilter>;

/** All below is kept fresh by the live stream; trends and what depends on the order's life move with time alone, ms. */
const SLOWLY = 30_000;

/** How many letters wait, and how far the browser's clock is ahead of the server's, ms; told by the live stream alone. */
export const standingQuery = queryOptions<Pick<LettersFrame, "counts"> & { aheadMs: number }>({
  queryKey: ["dead-letter-standing"],
  queryFn: skipToken,
});

/** Causes, the most urgent first. */
export const groupListQuery = (status: string | undefined) =>
  queryOptions({
    queryKey: ["dead-letter-groups", status ?? "unsettled"],
    queryFn: () => callApi(GroupList, `${groups}${toQuery({ status })}`),
    placeholderData: keepPreviousData,
    refetchInterval: SLOWLY,
  });

export const groupQuery = (groupId: string) =>
  queryOptions({
    queryKey: ["dead-letter-group", groupId],
    queryFn: () => callApi(GroupRow, `${groups}/${encodeURIComponent(groupId)}`),
    refetchInterval: SLOWLY,
  });

export const changeGroup = (groupId: string, change: GroupChange, key: string) =>
  callApi(GroupRow, `${groups}/${encodeURIComponent(groupId)}`, asAct("PATCH", change, key));

/** A list as a whole, with the narrowing it was asked for: while another is being asked for, this one is still shown. */
export type LetterIndex = LetterPages & { filter: LetterNarrowing };

/** A list of one page is kept fresh; in a longer one rows would move under the reader's eyes. */
export const isKeptFresh = (index: Pick<LetterPages, "starts"> | undefined): boolean => index?.starts.length === 0;

/** How long the list is, its first page, and where the others begin. */
export const letterPagesQuery = (filter: LetterNarrowing) =>
  queryOptions({
    queryKey: ["dead-letters", filter],
    queryFn: async (): Promise<LetterIndex> => ({
      filter,
      ...(await callApi(LetterPages, `${letters}/pages${toQuery(filter)}`)),
    }),
    placeholderData: keepPreviousData,
  });

/** A page nobody looks at is forgotten after so long, ms. */
const FAR_MS = 20_000;

/** A page behind the first one. It starts and ends where the list says, whatever came in since. */
export const letterPageQuery = ({ filter, size, starts }: LetterIndex, page: number) =>
  queryOptions({
    queryKey: ["dead-letters", filter, starts[page - 1], starts[page]],
    queryFn: ({ signal }) =>
      callApi(
        LetterList,
        `${letters}${toQuery({ ...filter, cursor: starts[page - 1], until: starts[page], limit: size })}`,
        { signal },
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: FAR_MS,
  });

export const letterQuery = (letterId: string) =>
  queryOptions({
    queryKey: ["dead-letter", letterId],
    queryFn: () => callApi(LetterDetail, `${letters}/${encodeURIComponent(letterId)}`),
    refetchInterval: SLOWLY,
  });

export const letterBodyHref = (letterId: string): string => `${letters}/${encodeURIComponent(letterId)}/body`;

export const exportHref = (filter: LetterNarrowing, format: "csv" | "json"): string =>
  `${letters}/export${toQuery({ ...filter, format })}`;

/** A file of exactly these letters; for the browser to keep. */
export const exportChosen = (letterIds: readonly string[], format: "csv" | "json") =>
  download("/api/v1/dead-letter-exports", withJson("POST", { selection: { letterIds }, format }));

/** Archiving hides letters for 14 days, in which they can be restored. */
export const archiveLetters = (request: z.input<typeof ArchiveRequest>, key: string) =>
  callApi(ArchiveReply, "/api/v1/dead-letter-archivals", asAct("POST", request, key));

export const restoreLetters = (request: z.input<typeof ArchiveRequest>, key: string) =>
  callApi(ArchiveReply, "/api/v1/dead-letter-restorals", asAct("POST", request, key));

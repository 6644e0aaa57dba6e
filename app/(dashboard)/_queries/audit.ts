import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { AuditList, type AuditQuery } from "#contracts/api/audit";
import { callApi, toQuery } from "./api.ts";

export type AuditFilter = Partial<Omit<AuditQuery, "cursor" | "limit">>;

/** Who did what and why, newest first, page by page. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) => callApi(AuditList, `/api/v1/audit${toQuery({ ...filter, cursor: pageParam })}`),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });

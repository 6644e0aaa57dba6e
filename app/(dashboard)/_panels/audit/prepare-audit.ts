import { type AuditEntry, AuditQuery } from "#contracts/api/audit";
import type { Tone } from "#contracts/vocabulary";
import type { AuditFilter } from "../../_queries/audit.ts";

/** What each line of an act is: asked for, done, or refused. */
export const stages: Record<AuditEntry["stage"], { label: string; tone: Tone }> = {
  intent: { label: "Intent", tone: "progress" },
  outcome: { label: "Outcome", tone: "good" },
  denied: { label: "Denied", tone: "bad" },
};

const names = ["actor", "action", "operationId", "subject", "stage"] as const;

/** Reads the filter from a URL; what the API would refuse is left out. Pure. */
export function readAuditFilter(params: Pick<URLSearchParams, "get">): AuditFilter {
  const filter: Record<string, string> = {};
  for (const name of names) {
    const value = params.get(name)?.trim();
    if (!value) continue;
    const parsed = AuditQuery.shape[name].safeParse(value);
    if (parsed.success && parsed.data !== undefined) filter[name] = parsed.data;
  }
  return filter;
}

/** Where a subject can be looked at; null = nowhere. Pure. */
export function subjectHref(subject: string): string | null {
  const [kind, id] = subject.split(":");
  if (!id) return null;
  const rooms: Record<string, string> = {
    letter: "/dead-letters/letters/",
    run: "/dead-letters/runs/",
    group: "/dead-letters/groups/",
    order: "/orders/",
  };
  const room = rooms[kind ?? ""];
  return room ? `${room}${encodeURIComponent(id)}` : null;
}

/** What stood there before, or after, as text; null = nothing was noted. Pure. */
export const prepareState = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value, null, 2);

"use client";

import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

/** Puts names into a query string, or takes them out where the value is empty. Pure. */
export function withParams(query: string, changes: Record<string, string | null | undefined>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  return text === "" ? "" : `?${text}`;
}

/**
 * What the page shows, kept in its URL, so that a link shows what I see. Changed in place: no server is asked, and the
 * way back leads to the page before, not to the filter before.
 */
export function useUrlState() {
  const params = useSearchParams();
  const change = useCallback((changes: Record<string, string | null | undefined>) => {
    const { pathname, search, hash } = window.location;
    const next = withParams(search, changes);
    if (next !== search) window.history.replaceState(null, "", `${pathname}${next}${hash}`);
  }, []);
  return { params, change };
}

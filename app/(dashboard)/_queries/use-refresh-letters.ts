"use client";

import { useQueryClient } from "@tanstack/react-query";

const touched = new Set([
  "dead-letters",
  "dead-letter",
  "dead-letter-groups",
  "dead-letter-group",
  "replay-runs",
  "purges",
  "redirects",
  "webhook-endpoints",
]);

/** After an act: everything on the screen that tells of letters is asked for again, of a long list the pages in sight. */
export function useRefreshLetters(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ predicate: ({ queryKey }) => touched.has(String(queryKey[0])) });
}

"use client";

import { useParams, usePathname } from "next/navigation";
import { createContext, type ReactNode, useContext } from "react";
import { type Polled, streamed } from "../../_queries/freshness.ts";
import { type Liveness, useLive } from "../../_queries/use-live.ts";
import { useHeard } from "../../_queries/use-sampled.ts";
import { LiveNote } from "../../_ui/live-note.tsx";

const Stream = createContext<Liveness>({ state: "connecting", since: new Date() });

/** Keeps whichever page of dead letters is open fresh. */
export function LettersLive({ children }: { children: ReactNode }) {
  const { id } = useParams<{ id?: string }>();
  const isRun = usePathname().startsWith("/dead-letters/runs/");
  const run = isRun && id ? ([`run:${id}`] as const) : [];
  return <Stream value={useLive("letters", "letter-news", ...run)}>{children}</Stream>;
}

/** How fresh what `query` brought is. */
export function LettersNote({ query }: { query: Polled }) {
  return <LiveNote {...streamed(useHeard(useContext(Stream)), query)} />;
}

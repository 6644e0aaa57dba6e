import type { Query } from "@tanstack/react-query";
import type { z } from "zod";
import type { LetterDetail } from "#contracts/api/dead-letters";
import type { Run, RunList } from "#contracts/api/replays";
import { isKeptFresh, type LetterIndex, type LetterNarrowing } from "./dead-letters.ts";

/** Causes whose letters changed; null = any may have. */
export type ChangedCauses = readonly string[] | null;

/** Both together. Pure. */
export const addCauses = (a: ChangedCauses, b: ChangedCauses): ChangedCauses =>
  a === null || b === null ? null : [...new Set([...a, ...b])];

/** Asks for causes one time after the other, `gapMs` between; what comes meanwhile goes together into the next time. */
export function gatherCauses(ask: (causes: ChangedCauses) => Promise<void>, gapMs: number) {
  let waiting: ChangedCauses = [];
  let isAsking = false;
  const turn = async () => {
    isAsking = true;
    while (waiting === null || waiting.length > 0) {
      const causes = waiting;
      waiting = [];
      await ask(causes);
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
    isAsking = false;
  };
  return (causes: ChangedCauses): void => {
    waiting = addCauses(waiting, causes);
    if (!isAsking) void turn();
  };
}

/** Whether what a query holds may look different after letters of these causes changed. Pure. */
export function isTouched({ queryKey, state }: Pick<Query, "queryKey" | "state">, causes: ChangedCauses): boolean {
  const [name, about] = queryKey;
  const isOf = (groupId: string | undefined) => groupId === undefined || causes === null || causes.includes(groupId);
  switch (name) {
    case "dead-letter-groups":
      return true;
    case "dead-letter-group":
      return isOf(about as string);
    case "dead-letters":
      return isOf((about as LetterNarrowing).groupId) && !isOfLongList({ queryKey, state });
    case "dead-letter":
      return isOf((state.data as LetterDetail | undefined)?.letter.groupId);
    case "purges":
      return causes === null;
    default:
      return false;
  }
}

/** A long list says itself that it is not fresh: neither where its pages begin nor a page of it is asked for again. */
const isOfLongList = ({ queryKey, state }: Pick<Query, "queryKey" | "state">): boolean =>
  queryKey.length > 2 || (state.data !== undefined && !isKeptFresh(state.data as LetterIndex));

/** The list of runs with these as they are now, newest first. Pure. */
export function mergeRuns(list: z.infer<typeof RunList>, runs: readonly Run[]): z.infer<typeof RunList> {
  const byId = new Map([...list.runs, ...runs].map((run) => [run.runId, run]));
  return { runs: [...byId.values()].toSorted((a, b) => b.plannedAt.localeCompare(a.plannedAt)) };
}

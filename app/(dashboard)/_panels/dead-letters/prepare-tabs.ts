import type { LettersFrame } from "#contracts/api/letter-frames";
import type { Run } from "#contracts/api/replays";
import { isOver } from "../../_queries/replays.ts";
import { countWaiting } from "../causes/prepare-causes.ts";

/** `Letters, 42 waiting`; the number is left out while it is not known or nothing waits. Pure. */
export function prepareLettersTab(counts: LettersFrame["counts"] | undefined): string {
  const waiting = countWaiting(counts);
  return waiting === 0 ? "Letters" : `Letters, ${waiting.toLocaleString("en-GB")} waiting`;
}

/** `Runs, 1 under way`. Pure. */
export function prepareRunsTab(runs: readonly Pick<Run, "status">[] | undefined): string {
  const underWay = runs?.filter(({ status }) => !isOver(status)).length ?? 0;
  return underWay === 0 ? "Runs" : `Runs, ${underWay} under way`;
}

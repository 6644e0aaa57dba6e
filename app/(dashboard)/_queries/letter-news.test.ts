import { expect, test, vi } from "vitest";
import type { Run } from "#contracts/api/replays";
import { addCauses, type ChangedCauses, gatherCauses, isTouched, mergeRuns } from "./letter-news.ts";

const query = (queryKey: readonly unknown[], data?: unknown) => ({ queryKey, state: { data } as never });
const pages = (count: number) => ({ starts: Array.from({ length: count - 1 }) });

test("only what may look different is asked for again", () => {
  expect(isTouched(query(["dead-letter-groups", "unsettled"]), ["a"])).toBe(true);
  expect(isTouched(query(["dead-letter-group", "a"]), ["a"])).toBe(true);
  expect(isTouched(query(["dead-letter-group", "b"]), ["a"])).toBe(false);
  expect(isTouched(query(["dead-letters", { groupId: "b" }], pages(1)), ["a"])).toBe(false);
  expect(isTouched(query(["dead-letters", {}], pages(1)), ["a"])).toBe(true);
  expect(isTouched(query(["dead-letter", "x"], { letter: { groupId: "b" } }), ["a"])).toBe(false);
  expect(isTouched(query(["dead-letter", "x"], { letter: { groupId: "b" } }), null)).toBe(true);
  expect(isTouched(query(["purges"]), ["a"])).toBe(false);
  expect(isTouched(query(["orders"]), null)).toBe(false);
});

test("a list of hundreds of pages is left alone", () => {
  expect(isTouched(query(["dead-letters", {}], pages(300)), null)).toBe(false);
  expect(isTouched(query(["dead-letters", {}, "start", "end"], { letters: [] }), null)).toBe(false);
});

test("changes of causes add up; any is any", () => {
  expect(addCauses(["a"], ["b", "a"])).toEqual(["a", "b"]);
  expect(addCauses(["a"], null)).toBeNull();
});

test("what changes while lists are asked for is asked for once, afterwards", async () => {
  vi.useFakeTimers();
  const asked: ChangedCauses[] = [];
  const gather = gatherCauses(async (causes) => void asked.push(causes), 1_000);
  gather([]);
  gather(["a"]);
  gather(["b"]);
  gather(["c"]);
  expect(asked).toEqual([["a"]]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual([["a"], ["b", "c"]]);
  await vi.advanceTimersByTimeAsync(5_000);
  gather(null);
  expect(asked).toEqual([["a"], ["b", "c"], null]);
  vi.useRealTimers();
});

test("a run that changed takes its row's place, a new one the first", () => {
  const run = (runId: string, plannedAt: string, name = "") => ({ runId, plannedAt, name }) as Run;
  const list = { runs: [run("b", "2026-02"), run("a", "2026-01")] };
  const merged = mergeRuns(list, [run("a", "2026-01", "now"), run("c", "2026-03")]);
  expect(merged.runs.map(({ runId, name }) => runId + name)).toEqual(["c", "b", "anow"]);
});

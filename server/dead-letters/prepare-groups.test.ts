import { describe, expect, it } from "vitest";
import type { GroupRow } from "#contracts/api/dead-letters";
import { hintOf, rankGroups } from "./prepare-groups.ts";

const noon = new Date("2026-11-21T12:00:00.000Z");
const minutesAgo = (minutes: number) => new Date(noon.getTime() - minutes * 60_000);
const group = (id: string, cents: number[], minutes: number | null, letters = 1) =>
  ({
    ...{ id, letters, lastSeenAt: noon.toISOString(), oldestDiedAt: minutes && minutesAgo(minutes).toISOString() },
    money: cents.map((amount, index) => ({ currency: ["EUR", "SEK"][index]!, cents: amount })),
  }) as GroupRow;
const ranked = (...groups: GroupRow[]) => rankGroups(groups, noon).map(({ id }) => id);

describe("the order of causes", () => {
  it("puts money × age first", () => {
    expect(ranked(group("small", [100], 10), group("old", [100], 60), group("large", [500], 60))).toEqual([
      "large",
      "old",
      "small",
    ]);
  });

  it("counts letters where no money is at risk", () => {
    expect(ranked(group("few", [], 90, 3), group("many", [], 1, 30), group("none", [], null, 0))).toEqual([
      "many",
      "few",
      "none",
    ]);
  });

  it("never adds two currencies up", () => {
    expect(ranked(group("two", [300, 300], 10), group("one", [500], 10))).toEqual(["one", "two"]);
  });
});

it.each([
  [{ kind: "deploy", name: "Version 1.1.0", elapsedMs: 40_000 }, "First seen 40 s after version 1.1.0 was started."],
  [{ kind: "run", name: "incident 7", elapsedMs: 240_000 }, 'First seen 4 min after the run "incident 7" started.'],
  [{ kind: "redirect", name: "email", elapsedMs: 0 }, "First seen 0 s after replays to email were redirected."],
  [{ kind: "drill", name: "slow carrier", elapsedMs: 1_499 }, 'First seen 1 s after the drill "slow carrier" began.'],
] as const)("what happened before is told in one sentence: %j", (happening, sentence) => {
  expect(hintOf(happening)).toBe(sentence);
});

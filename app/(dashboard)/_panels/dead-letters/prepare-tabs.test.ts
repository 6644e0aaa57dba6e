import { expect, test } from "vitest";
import { prepareLettersTab, prepareRunsTab } from "./prepare-tabs.ts";

test("the tab of letters counts what waits for somebody, not what is on its way", () => {
  expect(prepareLettersTab({ dead: 1_200, quarantined: 4, replaying: 30 })).toBe("Letters, 1,204 waiting");
  expect(prepareLettersTab({ replaying: 30 })).toBe("Letters");
  expect(prepareLettersTab(undefined)).toBe("Letters");
});

test("the tab of runs counts those that can still send something", () => {
  expect(prepareRunsTab([{ status: "held" }, { status: "running" }, { status: "completed" }])).toBe(
    "Runs, 2 under way",
  );
  expect(prepareRunsTab([{ status: "completed" }])).toBe("Runs");
});

import { describe, expect, test } from "vitest";
import type { Run, RunDetail } from "#contracts/api/replays";
import {
  prepareActions,
  prepareNewFailures,
  prepareOutcome,
  prepareParts,
  prepareReceipt,
  prepareState,
} from "./prepare-run.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
const run: Run = {
  runId: "018f4e5c-0000-7000-8000-000000000001",
  operationId: "018f4e5c-0000-7000-8000-000000000002",
  name: "the partner moved",
  kind: "retry",
  status: "running",
  target: null,
  reason: null,
  stopReason: null,
  ratePerSecond: 50,
  steps: [1, 5, 25],
  step: 1,
  stopAbovePercent: 20,
  letters: 415,
  counts: { succeeded: 1, waiting: 400, sent: 14 },
  plannedBy: "ada@example.org",
  acceptedBy: "ada@example.org",
  plannedAt: "2026-11-21T09:59:00.000Z",
  holdUntil: "2026-11-21T10:00:07.400Z",
  startedAt: "2026-11-21T10:00:00.000Z",
  endedAt: null,
  measuredRate: 50,
};
const state = (change: Partial<Run>) => prepareState({ ...run, ...change }, now);

describe("the state of a run", () => {
  test("counts down while nothing has left", () => {
    expect(state({ status: "held" }).sentence).toBe("Nothing has left yet. 8 s");
    expect(state({ status: "held", holdUntil: "2026-11-21T09:59:59.000Z" }).sentence).toContain("It starts now.");
  });

  test("tells the step, what is left, and how long it takes at the measured rate", () => {
    expect(state({}).sentence).toBe("Step 2 of 4 (5 letters). 400 letters have not left yet, about 8.0 s more.");
    expect(state({ step: 3 }).sentence).toBe("400 letters have not left yet, about 8.0 s more.");
    expect(state({ step: 3, measuredRate: 0 }).sentence).toBe("400 letters have not left yet.");
  });

  test("is not called done while outcomes are awaited", () => {
    expect(state({ status: "completed" })).toEqual({
      tone: "progress",
      sentence: "All have left; 14 outcomes are awaited.",
    });
    const done = { status: "completed", counts: { succeeded: 415 }, endedAt: "2026-11-21T10:00:09.000Z" } as const;
    expect(state(done)).toEqual({ tone: "good", sentence: "Completed in 9.0 s." });
    expect(state({ ...done, counts: { succeeded: 412, failed_again: 3 } }).tone).toBe("warn");
  });

  test("says why it stopped by itself, and that the rest stayed", () => {
    const stopped = state({ status: "stopped", stopReason: "40 % failed again", counts: { cancelled: 400 } });
    expect(stopped).toEqual({
      tone: "bad",
      sentence: "Stopped by itself: 40 % failed again; 400 letters stayed where they were.",
    });
    expect(state({ status: "cancelled", counts: { cancelled: 1 } }).sentence).toBe(
      "Cancelled: 1 letter stayed where it was.",
    );
  });
});

test("the bar is the whole run, whatever the outcomes", () => {
  const parts = prepareParts(run);
  expect(parts.map(({ status }) => status)).toEqual(["succeeded", "sent", "waiting"]);
  expect(parts.reduce((sum, { percent }) => sum + percent, 0)).toBeCloseTo(100);
  expect(prepareParts({ counts: {} })).toEqual([]);
  expect(prepareOutcome({ ...run, counts: {} })).toBe("415 letters");
});

describe("the receipt", () => {
  const detail: RunDetail = {
    run: { ...run, counts: { succeeded: 412, failed_again: 3 } },
    receipt: {
      orders: [{ status: "shipped", orders: 412 }],
      recovered: [{ currency: "EUR", cents: 1_230_000 }],
      stillAtRisk: [],
      newFailures: 0,
    },
    verdicts: [],
    problems: [],
  };

  test("tells what changed, what still fails and the money recovered", () => {
    expect(prepareReceipt(detail)).toBe("shipped 412, still failing 3, 12,300.00 EUR recovered");
  });

  test("keeps new failures apart", () => {
    expect(prepareNewFailures(detail)).toBeNull();
    const receipt = { ...detail.receipt, newFailures: 2 };
    expect(prepareNewFailures({ ...detail, receipt })).toContain(
      "2 new letters of the same causes died during this run",
    );
  });
});

test("a run can be called off until it is over", () => {
  const actions = (status: Run["status"]) => prepareActions({ status }).map(({ action }) => action);
  expect(actions("held")).toEqual(["cancel", "start", "pause"]);
  expect(actions("running")).toEqual(["pause", "cancel"]);
  expect(actions("paused")).toEqual(["resume", "cancel"]);
  for (const over of ["completed", "cancelled", "stopped", "expired"] as const) expect(actions(over)).toEqual([]);
});

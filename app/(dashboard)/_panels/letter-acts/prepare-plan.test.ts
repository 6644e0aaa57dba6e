import { describe, expect, test } from "vitest";
import { type Plan, RunRequest } from "#contracts/api/replays";
import { initialChoices, prepareDuration, prepareLeaving, prepareMissing, toRunRequest } from "./prepare-plan.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
const plan: Plan = {
  planId: "018f4e5c-0000-7000-8000-000000000001",
  kind: "retry",
  letters: 412,
  expiresAt: "2026-11-21T10:15:00.000Z",
  verdicts: [{ verdict: "safe", letters: 412, reason: "not done yet" }],
  leftOut: 0,
  refused: [],
  orders: 400,
  money: [{ currency: "EUR", cents: 3_812_000 }],
  targets: [{ target: "queue send-webhook", letters: 412 }],
  headersRemoved: [],
  headersAdded: [],
  ratePerSecond: 50,
  durationMs: 8_240,
};
const quarantined = { reason: "quarantined after three replays: edit it", letters: 5 };
const choices = initialChoices("the partner moved", 412);

describe("what would leave", () => {
  test.each<[string, Partial<Plan>, Partial<typeof choices>, string]>([
    ["all of it", {}, {}, "All 412 letters leave."],
    ["a single one", { letters: 1 }, {}, "The letter leaves."],
    ["without what is not safe", { leftOut: 12 }, {}, "400 letters leave; left out: 12 not safe."],
    ["with force, all", { leftOut: 12 }, { force: true }, "All 412 letters leave."],
    [
      "without the quarantined ones",
      { leftOut: 12, refused: [quarantined] },
      {},
      "At most 400 letters leave; left out: 12 not safe, 5 quarantined.",
    ],
    [
      "overridden and forced",
      { leftOut: 12, refused: [quarantined] },
      { force: true, overrideQuarantine: true },
      "All 412 letters leave.",
    ],
    ["nothing that is safe", { leftOut: 412 }, {}, "Nothing would leave"],
    ["nothing at all", { letters: 0 }, {}, "Nothing can be sent."],
  ])("%s", (_, change, chosen, sentence) => {
    expect(prepareLeaving({ ...plan, ...change }, { ...choices, ...chosen })).toContain(sentence);
  });
});

test("the time it takes follows the rate", () => {
  expect(prepareDuration(412, 50)).toBe("About 8.2 s at 50/s.");
  expect(prepareDuration(412, 0.1)).toBe("About 69 min at 0.1/s.");
  expect(prepareDuration(412, null)).toBe("Choose a rate.");
});

describe("before a run starts", () => {
  test("it needs a name, and a reason where it goes against a verdict", () => {
    expect(prepareMissing(plan, choices, now)).toBeNull();
    expect(prepareMissing(plan, { ...choices, name: " " }, now)).toContain("name");
    expect(prepareMissing(plan, { ...choices, force: true }, now)).toContain("Say why");
    expect(prepareMissing(plan, { ...choices, force: true, reason: "checked by hand" }, now)).toBeNull();
    expect(prepareMissing(plan, { ...choices, ratePerSecond: 501 }, now)).toContain("rate");
  });

  test("an expired plan can't be used", () => {
    expect(prepareMissing(plan, choices, now + 15 * 60_000)).toContain("expired");
  });

  test("what is sent to the API is what the API takes", () => {
    expect(RunRequest.parse(toRunRequest(plan, choices))).toMatchObject({ steps: [1, 5, 25], holdMs: 10_000 });
    expect(toRunRequest(plan, choices)).not.toHaveProperty("reason");
    expect(toRunRequest(plan, { ...choices, hasHold: false, hasSteps: false })).toMatchObject({ steps: [], holdMs: 0 });
  });
});

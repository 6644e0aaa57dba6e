import { expect, test } from "vitest";
import { type Drill, drillModes, drillModesOf, drillSystems } from "#contracts/api/drills";
import { drillSentence, prepareDrills } from "./prepare-drills.ts";

const until = "2026-11-21T12:05:00.000Z";
const works = (system: Drill["system"]): Drill => ({ system, mode: null, until: null });
const late: Drill = { system: "shipping", mode: "slow", until };

test("a system that is broken on purpose says how, until when, and where it shows", () => {
  expect(prepareDrills([works("payments"), late])).toMatchObject([
    { name: "Payment provider", state: { label: "Works", tone: "good" }, until: null },
    { name: "Carrier", state: { label: "Answers late", tone: "bad" }, until, look: { href: "/consumers" } },
  ]);
});

test("one sentence tells what is broken on purpose", () => {
  expect(drillSentence([works("mail")])).toEqual({ tone: "good", sentence: "No drill: every outside system works." });
  const { sentence } = drillSentence([late, { system: "partner", mode: "down", until }]);
  expect(sentence).toBe("A drill: Carrier answers late; Partner cuts the connection.");
});

test("every system can be broken, in ways that there are", () => {
  for (const system of drillSystems) {
    expect(drillModesOf[system].length).toBeGreaterThan(0);
    expect(drillModes).toEqual(expect.arrayContaining([...drillModesOf[system]]));
  }
});

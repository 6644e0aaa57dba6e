import { expect, test } from "vitest";
import type { OrderEvent } from "#contracts/api/orders";
import type { StoryStep } from "#contracts/api/story";
import { prepareLength, prepareSpeed, prepareState, prepareStory } from "./prepare-story.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 21) + second * 1_000).toISOString();
const step = (key: string, second: number, more: Partial<StoryStep> = {}): StoryStep => ({
  key,
  at: at(second),
  endedAt: null,
  place: "worker",
  title: key,
  detail: null,
  status: "done",
  worker: null,
  seq: null,
  href: null,
  gapMs: 0,
  ...more,
});
const steps = [
  step("checkout", 0, { place: "checkout" }),
  step("placed", 0, { place: "outbox", seq: 1 }),
  step("charged", 1, { seq: 1 }),
  step("captured", 2, { place: "outbox", seq: 2 }),
  step("mail", 3, { place: "mail" }),
  step("died late", 4, { place: "dead_letter", seq: 1, status: "dead" }),
];

test("each step stands under its event, what belongs to none under the event before it", () => {
  expect(prepareStory(steps).map(({ step, under }) => [step.key, under.map(({ key }) => key)])).toEqual([
    ["checkout", []],
    ["placed", ["charged", "died late"]],
    ["captured", ["mail"]],
  ]);
});

test("a chapter says how long after the one before it came, and how much in it needs a look", () => {
  expect(prepareStory(steps).map(({ tookMs, troubles }) => [tookMs, troubles])).toEqual([
    [null, 0],
    [0, 1],
    [2_000, 0],
  ]);
});

test("a step with an end says how long it took, a moment how long it came after the one before", () => {
  expect(prepareLength(step("job", 1, { endedAt: at(3) }))).toBe("took 2.0 s");
  expect(prepareLength(step("moment", 1, { gapMs: 340 }))).toBe("+340 ms");
  expect(prepareLength(step("retry", 1, { endedAt: at(3), status: "waiting", gapMs: 10 }))).toBe("+10 ms");
});

test("an order that was shipped says how fast it was", () => {
  const event = (type: string, second: number) => ({ type, occurredAt: at(second) }) as OrderEvent;
  expect(prepareSpeed([event("order.placed", 0), event("shipping.created", 3)])).toBe("placed → shipped in 3.0 s");
  expect(prepareSpeed([event("order.placed", 0)])).toBeNull();
});

test("a state is read in one order, without what is not known, and nothing is left out", () => {
  expect(prepareState({ parcel: "open", odd: 1, express: false, status: "paid", carrier: null })).toEqual([
    ["Status", "paid"],
    ["Express", "no"],
    ["Parcel", "open"],
    ["odd", "1"],
  ]);
});

import { expect, test } from "vitest";
import type { StoryStep } from "#contracts/api/story";
import { countWaiting, lettersHref, prepareWaiting } from "./prepare-order-letters.ts";

test("C2: the list of an order's letters holds the settled ones too", () => {
  expect(lettersHref("01a1fc89-14a4-750e-b3a7-dfec7d678355")).toBe(
    "/dead-letters?tab=letters&status=all&orderId=01a1fc89-14a4-750e-b3a7-dfec7d678355",
  );
});

test("C2: what waits is an event that was not sent, a retry that is due later, a worker that has not got to it", () => {
  const step = (key: string, place: StoryStep["place"], status: StoryStep["status"]) =>
    ({ key, place, status }) as StoryStep;
  const steps = [
    step("sent", "outbox", "done"),
    step("unsent", "outbox", "waiting"),
    step("retry", "retry", "waiting"),
    step("dead", "dead_letter", "dead"),
    step("replay", "replay", "waiting"),
    step("behind", "worker", "waiting"),
  ];
  expect(prepareWaiting(steps).map(({ key }) => key)).toEqual(["unsent", "retry", "behind"]);
});

test("what was settled or is on its way waits for nobody", () => {
  expect(
    countWaiting([{ status: "dead" }, { status: "quarantined" }, { status: "replaying" }, { status: "archived" }]),
  ).toBe(2);
});

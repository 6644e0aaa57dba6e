import { expect } from "vitest";
import type { StoryFacts } from "./story-facts.ts";
import { whyNotMoving } from "./why-not-moving.ts";

/** What is wrong → the facts → what is said, whether it moves, and where it leads. */
export type WhyCase = [wrong: string, facts: StoryFacts, sentence: RegExp, isMoving: boolean, href: RegExp | null];

export function expectWhy(...[, facts, sentence, isMoving, href]: WhyCase): void {
  const why = whyNotMoving(facts);
  expect(why.sentence).toMatch(sentence);
  expect(why.isMoving).toBe(isMoving);
  if (href) expect(why.href).toMatch(href);
  else expect(why.href).toBeNull();
}

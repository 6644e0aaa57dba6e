import type { WhyNot } from "#contracts/api/story";
import type { StoryFacts } from "./story-facts.ts";
import { hrefs, instant, ms } from "./story-words.ts";

/** Shorter than this nothing waits: it is under way. */
export const UNDER_WAY_MS = 5_000;

export const moving = (sentence: string, href: string | null = null): WhyNot => ({ isMoving: true, sentence, href });
export const waiting = (sentence: string, href: string | null): WhyNot => ({ isMoving: false, sentence, href });

/** How long ago an instant was when the facts were read, ms. */
export const age = (facts: StoryFacts, iso: string): number => ms(facts.now) - ms(iso);

/** What somebody wrote, to end a sentence of ours: without its own full stop. */
export const unended = (text: string): string => text.trimEnd().replace(/\.$/u, "");

/** Said when somebody has paused the worker. */
export function pausedBy({ pauses }: StoryFacts, name: string): WhyNot | null {
  const pause = pauses.find((one) => one.worker === name);
  if (!pause) return null;
  const sentence = `${name} is paused by ${pause.pausedBy} since ${instant(pause.pausedAt)}: ${unended(pause.reason)}.`;
  return waiting(sentence, hrefs.worker(name));
}

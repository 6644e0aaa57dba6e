import type { OrderStory } from "#contracts/api/story";
import type { JobsFor } from "#contracts/process-map";
import { env } from "#server/platform/env";
import { readStoryFacts } from "./story-facts.ts";
import { storySteps } from "./story-steps.ts";
import { whyNotMoving } from "./why-not-moving.ts";

/** However many look at one order, it is read once in so long, ms. */
const SHARED_MS = 1_000;

const shared = new Map<string, Promise<OrderStory>>();

/** `readStory` for screens: who asks while, or shortly after, somebody else did gets the same answer. */
export function readSharedStory(orderId: string, jobsFor: JobsFor): Promise<OrderStory> {
  const known = shared.get(orderId);
  if (known) return known;
  const story = readStory(orderId, jobsFor);
  shared.set(orderId, story);
  setTimeout(() => shared.delete(orderId), SHARED_MS).unref();
  return story;
}

/**
 * Everything that happened to an order, wherever it happened, and why it does not move.
 * @param jobsFor what a fact asks the queue workers for. @throws Problem 404.
 */
export async function readStory(orderId: string, jobsFor: JobsFor): Promise<OrderStory> {
  const facts = await readStoryFacts(orderId, jobsFor);
  const why = whyNotMoving(facts);
  return {
    steps: storySteps(facts).map((step) => ({ ...step, href: inCluster(step.href) })),
    why: { ...why, href: inCluster(why.href) },
  };
}

/** Topics and groups are linked by the names they have in the cluster. */
const inCluster = (href: string | null) =>
  href?.replace(/^\/(topics|consumers)\//, (place) => `${place}${env().TOPIC_PREFIX}`) ?? null;

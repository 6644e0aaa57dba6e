import type { WhyNot } from "#contracts/api/story";
import type { StoryFacts } from "./story-facts.ts";
import { askedJobs } from "./story-steps.ts";
import { hrefs, instant } from "./story-words.ts";
import { age, pausedBy, UNDER_WAY_MS, waiting } from "./why-parts.ts";

/** A job may rest in a delay queue and be asked of a busy worker before it is worth a word. */
const JOB_UNDER_WAY_MS = 20_000;

/** Why a mail, a document, a webhook or a copy of the order is not made yet; null = none is late. Pure. */
export function whyJobWaits(facts: StoryFacts): WhyNot | null {
  const open = facts.events
    .flatMap((event) => askedJobs(facts, event))
    .filter(({ doneAt, askedAt }) => doneAt === null && age(facts, askedAt) > UNDER_WAY_MS);
  const stopped = open.find(({ queue }) => facts.queues?.[queue]?.consumers === 0);
  const late = open.find(({ askedAt }) => age(facts, askedAt) > JOB_UNDER_WAY_MS);
  const [first] = [stopped, late].filter((one) => one !== undefined);
  if (!first) return null;
  const paused = pausedBy(facts, first.worker);
  if (paused) return paused;
  const { worker: name, queue, askedAt } = first;
  const href = hrefs.queue(queue);
  if (stopped) return waiting(`${name} is stopped: nobody reads queue ${queue}${depthOf(facts, queue)}.`, href);
  const apart = retryingIn(facts, queue);
  const since = `A job for ${name} waits since ${instant(askedAt)}`;
  if (apart > 0) return waiting(`${since} for another attempt, as ${apart} of queue ${queue} do.`, href);
  return waiting(`${since} in queue ${queue}${depthOf(facts, queue)}, or for another attempt.`, href);
}

function depthOf({ queues }: StoryFacts, queue: string): string {
  const place = queues?.[queue];
  if (!place) return "";
  return `, where ${place.ready.toLocaleString("en-GB")} ${place.ready === 1 ? "waits" : "wait"}`;
}

/** How many wait for another attempt while none waits for its first. */
const retryingIn = ({ queues }: StoryFacts, queue: string): number =>
  queues?.[queue]?.ready === 0
    ? Object.entries(queues).reduce(
        (sum, [name, { ready }]) => sum + (name.startsWith(`${queue}.retry.`) ? ready : 0),
        0,
      )
    : 0;

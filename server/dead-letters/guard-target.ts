import type { ReplayTarget } from "#contracts/api/replays";
import type { MessageContract } from "#contracts/message";
import { commands, contractsByType } from "#contracts/messages/index";
import { deadLetterQueueName, delayQueues, queues, retryQueueName, topics } from "#contracts/topology";
import { Problem } from "#server/platform/problem";

type Candidate = { messageType: string | null; consumer: string | null };

const families = Object.values(queues);
const ourTopics: ReadonlySet<string> = new Set(Object.values(topics).map(({ name }) => name));
/** Retry, delay and dead-letter queues: a message put there by hand has no business there. */
const innerQueues: ReadonlySet<string> = new Set([
  ...families.map(deadLetterQueueName),
  ...families.flatMap((family) => family.retryDelaysMs.map((delayMs) => retryQueueName(family, delayMs))),
  ...Object.values(delayQueues).map(({ name }) => name),
]);

/**
 * Refuses a target that can't take the letters. Our own queues and topics are known by their contracts; a foreign place
 * takes what it is given, and one that does not exist gives the message back when it is sent.
 * @throws Problem 422 with the reason in one sentence.
 */
export function guardTarget(target: ReplayTarget, letters: readonly Candidate[]): void {
  for (const letter of letters) {
    const reason = whyNot(target, letter);
    if (reason) throw new Problem(422, "target_not_compatible", reason);
  }
}

/** What should lie in a place of ours. */
export function heldBy(kind: "queue" | "topic", name: string): Candidate[] {
  const isHeld = (contract: MessageContract): boolean => {
    if (contract.kind === "event") return kind === "queue" ? readsEvents(name) : name === topics.orderEvents.name;
    return contract.kind === "command" && kind === "queue" && contract.queue.name === name;
  };
  const types = [...contractsByType.values()].filter(isHeld).map(({ type }) => type);
  // The other topics hold what has no type.
  return (types.length > 0 ? types : [null]).map((messageType) => ({ messageType, consumer: null }));
}

/** A queue of ours is for one command or for events; `invoice` has bindings too, and its command comes through them. */
const readsEvents = (queue: string): boolean =>
  families.some(({ name }) => name === queue) && !commands.some((command) => command.queue.name === queue);

/** Why a target can't take a message, in one sentence; null = it can. */
export function whyNot(target: ReplayTarget, { messageType, consumer }: Candidate): string | null {
  const contract = messageType === null ? undefined : contractsByType.get(messageType);
  const what = messageType ?? "a message of no known type";
  switch (target.kind) {
    case "worker":
      return target.worker === consumer ? null : `${target.worker} is not the worker that gave up on this ${what}.`;
    case "queue": {
      if (innerQueues.has(target.queue))
        return `${target.queue} is a waiting room or holds dead letters: send to the queue itself.`;
      if (!families.some(({ name }) => name === target.queue)) return null;
      const readsIt =
        (contract?.kind === "command" && contract.queue.name === target.queue) ||
        (contract?.kind === "event" && readsEvents(target.queue));
      return readsIt ? null : `The worker behind ${target.queue} does not understand ${what}.`;
    }
    case "topic":
      if (target.topic === topics.deadLetters.name) return `${target.topic} holds dead letters: it is no target.`;
      if (target.topic === topics.orderEvents.name)
        return contract?.kind === "event" ? null : `${target.topic} holds order events, and ${what} is none.`;
      return ourTopics.has(target.topic) ? `${target.topic} is written from the orders' history, not by hand.` : null;
    case "exchange":
      return null;
  }
}

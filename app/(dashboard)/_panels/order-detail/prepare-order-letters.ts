import type { OrderLetter } from "#contracts/api/orders";
import type { StoryStep } from "#contracts/api/story";
import { type DeadLetterStatus, unsettledStatuses } from "#contracts/vocabulary";

/** The list of dead letters with all of one order, settled ones too. Pure. */
export const lettersHref = (orderId: string): string =>
  `/dead-letters?${new URLSearchParams({ tab: "letters", status: "all", orderId })}`;

/** What has not come about yet; a replay that is on its way stands with its letter. Pure. */
export const prepareWaiting = (steps: readonly StoryStep[]): StoryStep[] =>
  steps.filter(({ status, place }) => status === "waiting" && place !== "replay");

const unsettled: readonly DeadLetterStatus[] = unsettledStatuses;

/** Letters that wait for somebody. Pure. */
export const countWaiting = (letters: readonly Pick<OrderLetter, "status">[]): number =>
  letters.filter(({ status }) => unsettled.includes(status)).length;

import type { Death, LetterDetail, LetterOrigin, ShownBytes } from "#contracts/api/dead-letters";
import { type Tone, verdictLabels } from "#contracts/vocabulary";
import { formatBytes, formatCount, formatDuration, formatMoney } from "../../_ui/format.ts";
import { type LetterAct, ofOrder as lettersOfOrder } from "../letter-acts/prepare-acts.ts";

/** What the database says of a replay, or why none is needed now, in one sentence. Pure. */
export function prepareVerdict({ letter, verdict }: LetterDetail): { label: string; tone: Tone; sentence: string } {
  const { label, tone } = verdictLabels[verdict.verdict];
  if (letter.status === "quarantined")
    return {
      label: "Quarantined",
      tone: "bad",
      sentence: `It died again after ${formatCount(letter.replays, "replay")}: edit it, or override with a reason. ${label}: ${verdict.reason}`,
    };
  return { label, tone, sentence: verdict.reason };
}

/** Where a message came from, in words. Pure. */
export const describeOrigin = (origin: LetterOrigin): string =>
  "queue" in origin
    ? `queue ${origin.queue}, ${origin.exchange === "" ? "default exchange" : `exchange ${origin.exchange}`}, key ${origin.routingKey || "(none)"}`
    : `topic ${origin.topic}, partition ${origin.partition}, offset ${origin.offset}`;

/** How hard it was tried before it died. Pure. */
export function prepareAttempts({ attempts, firstFailedAt, failedAt }: Death): string {
  const tookMs = Date.parse(failedAt) - Date.parse(firstFailedAt);
  return `${formatCount(attempts, "attempt")}${tookMs > 0 ? ` in ${formatDuration(tookMs)}` : ""}`;
}

/**
 * The attempts before the last, each with its number; where some in the middle are not known, the others keep theirs.
 * `by` = the worker, where it was another one or another version than the one that gave up. Pure.
 */
export function prepareEarlier(death: Death) {
  const { earlierAttempts, attempts } = death;
  const unknown = Math.max(0, attempts - 1 - earlierAttempts.length);
  return earlierAttempts.map((attempt, index) => ({
    ...attempt,
    number: index + 1 + (index === 0 ? 0 : unknown),
    by: describeWorker(attempt) === describeWorker(death) ? null : describeWorker(attempt),
  }));
}

/** The worker that gave up, with its version. Pure. */
export const describeWorker = ({ worker, workerVersion }: Pick<Death, "worker" | "workerVersion">): string =>
  [worker ?? "an unknown worker", workerVersion].filter(Boolean).join(" ");

/** How the bytes can be shown: as text, in base64, or not at all because there are none. Pure. */
export function prepareBytes({ bytes, text, base64, note }: ShownBytes): { content: string | null; line: string } {
  const line = [formatBytes(bytes), note].filter(Boolean).join(" · ");
  if (text !== null) return { content: text, line };
  return base64 === null ? { content: null, line: note ?? "No bytes at all." } : { content: base64, line };
}

/** What the message is about, in a few words. Pure. */
export const prepareSubject = ({ letter }: LetterDetail): string =>
  [
    letter.customerName,
    letter.totalCents !== null && letter.currency !== null && formatMoney(letter.totalCents, letter.currency),
    letter.isTest && "a test order",
  ]
    .filter(Boolean)
    .join(", ");

/** The run in which it is under way; null = in none. Pure. */
export const runUnderWay = ({ replays }: Pick<LetterDetail, "replays">) =>
  replays.findLast(({ status }) => status === "waiting" || status === "sent") ?? null;

/** This letter as something to act on. Pure. */
export const ofLetter = ({ letter }: LetterDetail): Omit<LetterAct, "kind"> => ({
  selection: { letterIds: [letter.id] },
  letters: 1,
  what: [letter.messageType ?? "one letter", letter.orderNumber !== null && `of order ${letter.orderNumber}`]
    .filter(Boolean)
    .join(" "),
});

/** All letters of its order that wait, in the order in which they came about; null = there is no other. Pure. */
export function ofOrder({ letter, order }: LetterDetail): Omit<LetterAct, "kind"> | null {
  if (!order || order.letters.length === 0) return null;
  const others = order.letters.filter(({ id }) => id !== letter.id);
  if (others.length === 0) return null;
  return {
    selection: lettersOfOrder(order.orderId),
    letters: null,
    what: `all letters of order ${order.number}`,
  };
}

import { topics } from "#contracts/topology";
import type { KafkaMessage } from "./broker.ts";
import { EARLIER_FAILURES_HEADER, readEarlierFailures, withFailure } from "./earlier-failures.ts";
import { failureHeaders, failureOf, originHeaders } from "./failure.ts";
import type { Delivery, Failed } from "./handle.ts";
import { asHeaders } from "./kafka-message.ts";
import type { NewReminder } from "./reminders.ts";
import { storeHeaders } from "./stored-headers.ts";
import { Hopeless, type WorkerDefinition } from "./worker.ts";

/** The message as it came, bytes and headers, with what went wrong in further headers, for `order.events.dlt`. */
export function deadLetter(
  worker: WorkerDefinition,
  delivery: Pick<Delivery, "raw" | "position" | "attempts">,
  error: Error,
): KafkaMessage {
  const { raw, position, attempts } = delivery;
  const [first] = readEarlierFailures(earlierOf(delivery));
  const by = { worker: worker.name, attempts: attempts + 1 };
  const failure = failureOf(error, first ? { ...by, firstFailedAt: first.failedAt } : by);
  return {
    topic: topics.deadLetters.name,
    key: raw.key,
    value: raw.value,
    headers: [...raw.headers, ...asHeaders({ ...failureHeaders(failure), ...(position && originHeaders(position)) })],
  };
}

/** The unscaled ms until a failed message comes back; null when its worker's patience is at an end. */
export const retryDelayMs = (worker: WorkerDefinition, { delivery, error }: Failed): number | null =>
  error instanceof Hopeless ? null : (worker.retry.delaysMs[delivery.attempts] ?? null);

/** The reminder that brings a failed message back; null where `retryDelayMs` is. */
export function retryReminder(worker: WorkerDefinition, failed: Failed, timeScale: number): NewReminder | null {
  const delayMs = retryDelayMs(worker, failed);
  if (delayMs === null) return null;
  const { delivery, error } = failed;
  const { message, raw, position, attempts } = delivery;
  const failure = failureOf(error, { worker: worker.name, attempts: attempts + 1 });
  return {
    consumer: worker.name,
    messageId: message.id,
    dueInMs: delayMs * timeScale,
    attempts: attempts + 1,
    lastError: `${error.name}: ${error.message}`.slice(0, 2_000),
    position,
    key: raw.key,
    value: raw.value!,
    headers: [
      ...storeHeaders(raw.headers.filter(([name]) => name !== EARLIER_FAILURES_HEADER)),
      [EARLIER_FAILURES_HEADER, withFailure(earlierOf(delivery), failure), "utf8"],
    ],
  };
}

/** On a first attempt the header is somebody else's, of an earlier life of the message. */
const earlierOf = ({ raw, attempts }: Pick<Delivery, "raw" | "attempts">): string | undefined =>
  attempts === 0 ? undefined : raw.headers.findLast(([name]) => name === EARLIER_FAILURES_HEADER)?.[1].toString();

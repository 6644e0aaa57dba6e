import { topics } from "#contracts/topology";
import type { Headers, KafkaMessage } from "./broker.ts";
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
  { raw, position, attempts }: Pick<Delivery, "raw" | "position" | "attempts">,
  error: Error,
): KafkaMessage {
  const [first] = readEarlierFailures(attempts > 0 ? earlierOf(raw.headers) : undefined);
  const by = { worker: worker.name, attempts: attempts + 1 };
  const failure = failureOf(error, first ? { ...by, firstFailedAt: first.failedAt } : by);
  return {
    topic: topics.deadLetters.name,
    key: raw.key,
    value: raw.value,
    headers: [...raw.headers, ...asHeaders({ ...failureHeaders(failure), ...(position && originHeaders(position)) })],
  };
}

/** The reminder that brings a failed message back; null when its worker's patience is at an end. */
export function retryReminder(
  worker: WorkerDefinition,
  { delivery, error }: Failed,
  timeScale: number,
): NewReminder | null {
  const delayMs = worker.retry.delaysMs[delivery.attempts];
  if (delayMs === undefined || error instanceof Hopeless) return null;
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
      [EARLIER_FAILURES_HEADER, withFailure(attempts > 0 ? earlierOf(raw.headers) : undefined, failure), "utf8"],
    ],
  };
}

const earlierOf = (headers: Headers): string | undefined =>
  headers.findLast(([name]) => name === EARLIER_FAILURES_HEADER)?.[1].toString();

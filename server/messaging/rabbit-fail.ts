import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "amqplib";
import { deadLetterQueueName, type QueueFamily, retryQueueName } from "#contracts/topology";
import { EARLIER_FAILURES_HEADER, withFailure } from "./earlier-failures.ts";
import { type Failure, type Fault, failureHeaders, originHeaders } from "./failure.ts";
import type { HeldDelivery } from "./rabbit-consume.ts";
import type { Outgoing } from "./rabbit-publish.ts";
import { scaledMs } from "./topology-plan.ts";

/** Where a failed message went; `dropped`: its queue is best effort, nothing is kept. */
export type Fate = "retry" | "dead" | "dropped";

/** The family of a failed message and how its waits are scaled. */
export type Ladder = { family: QueueFamily; scale: number };

/** Waits between tries to put a failed message away, ms; after the last it goes back to its queue. */
const PATIENCE_MS = [200, 1_000, 3_000] as const;

/**
 * Puts a failed message into the next retry queue, or into the dead-letter queue when it has had all its attempts or
 * none can help, and acknowledges it once that is confirmed. A crash in between leaves two copies, never none.
 * @throws the last outcome when the broker takes it nowhere; the message is then back in its queue.
 */
export async function failDelivery(
  delivery: HeldDelivery,
  { family, scale }: Ladder,
  fault: Fault,
  hopeless: boolean,
  publish: (messages: Outgoing[]) => Promise<(Error | null)[]>,
): Promise<Fate> {
  const delayMs = hopeless ? undefined : family.retryDelaysMs[delivery.attempts];
  if (family.bestEffort) {
    delivery.ack();
    return "dropped";
  }
  const queue = delayMs === undefined ? deadLetterQueueName(family) : retryQueueName(family, scaledMs(delayMs, scale));
  const message = failedMessage(delivery, { queue, comesBack: delayMs !== undefined }, fault);
  for (let attempt = 0; ; attempt += 1) {
    const [outcome] = await publish([message]);
    if (!outcome) break;
    if (attempt === PATIENCE_MS.length) {
      delivery.giveBack();
      throw outcome;
    }
    await sleep(PATIENCE_MS[attempt]);
  }
  delivery.ack();
  return delayMs === undefined ? "dead" : "retry";
}

const CARRIED_BYTES = 48 * 1_024;

/**
 * The message for `to.queue`: body and properties as they came, headers with the failure and the first origin. One that
 * comes back tells its next attempt of this failure and those before.
 */
export function failedMessage(
  delivery: HeldDelivery,
  to: { queue: string; comesBack: boolean },
  fault: Fault,
  now = new Date(),
): Outgoing {
  const { properties, content, fields } = delivery.message;
  const carried = (properties.headers ?? {}) as Record<string, unknown>;
  const failedAt = now.toISOString();
  const firstFailedAt = carried["x-first-failed-at"];
  const failure: Failure = {
    ...fault,
    attempts: delivery.attempts + 1,
    firstFailedAt: delivery.attempts > 0 && typeof firstFailedAt === "string" ? firstFailedAt : failedAt,
    failedAt,
  };
  const origin =
    typeof carried["x-original-queue"] === "string"
      ? {}
      : originHeaders({ exchange: fields.exchange, routingKey: fields.routingKey, queue: delivery.queue });
  const { [EARLIER_FAILURES_HEADER]: told, ...others } = withoutBrokerMarks(carried);
  // A first attempt has none before it, whoever says so.
  const known = delivery.attempts > 0 && typeof told === "string" ? told : undefined;
  const earlier = to.comesBack ? withFailure(known, failure) : known;
  return {
    exchange: "",
    routingKey: to.queue,
    content,
    options: {
      ...kept(properties),
      headers: {
        ...bounded({ ...others, ...(earlier && { [EARLIER_FAILURES_HEADER]: earlier }) }),
        ...origin,
        ...failureHeaders(failure),
      },
      messageId: delivery.messageId ?? randomUUID(),
    },
  };
}

/**
 * Everything but what would act again: `expiration` would cut the wait short or empty the dead-letter queue, and a
 * foreign `userId` is refused by the broker at the price of the channel.
 */
function kept(properties: HeldDelivery["message"]["properties"]): Options.Publish {
  const { headers, messageId, expiration, userId, clusterId, deliveryMode, ...rest } = properties;
  return { ...rest, persistent: true } as Options.Publish;
}

/**
 * All headers of a frame have 64 KiB and the failure needs its part. A message with too many loses the long ones, since
 * one that could not be put away would be tried for ever.
 */
function bounded(headers: Record<string, unknown>): Record<string, unknown> {
  if (bytesOf(headers) <= CARRIED_BYTES) return headers;
  const short = Object.entries(headers).sort(([, a], [, b]) => bytesOf(a) - bytesOf(b));
  let bytes = 0;
  const taken = short.filter(([name, value]) => {
    bytes += name.length + bytesOf(value);
    return bytes <= CARRIED_BYTES;
  });
  return { ...Object.fromEntries(taken), "x-headers-dropped": short.length - taken.length };
}

/** More than it takes on the wire, for ASCII text and for bytes. */
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? "");

const brokerMarks = /^(x-death|x-(first|last)-death-.*|x-delivery-count|x-acquired-count|CC|BCC)$/;

/**
 * The headers without those that are the broker's own. `x-death` sent along makes it see a circle and drop the message
 * on its way back from a retry queue; `CC` would deliver further copies.
 */
export function withoutBrokerMarks(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !brokerMarks.test(name)));
}

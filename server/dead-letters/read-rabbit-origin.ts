import { cleanText } from "./clean-text.ts";
import { timeOrNull } from "./read-failure.ts";

/** Where a message was before the dead-letter queue, and what the broker says of why it moved it there. */
export type RabbitOrigin = {
  origin: { exchange: string; routingKey: string; queue: string };
  /** Set where the broker gave up on it, not a worker. */
  cause: { errorClass: string; errorMessage: string } | null;
  diedAt: Date | null;
  /** The broker's own count of deliveries, where that is what ended it. */
  deliveries: number;
};

const NAME_CHARACTERS = 255;

const reasons: Record<string, (queue: string) => { errorClass: string; errorMessage: string }> = {
  expired: (queue) => ({
    errorClass: "Expired",
    errorMessage: `Nobody took it from queue ${queue} before its time was up.`,
  }),
  rejected: (queue) => ({
    errorClass: "Rejected",
    errorMessage: `A consumer of queue ${queue} rejected it without a reason.`,
  }),
  maxlen: (queue) => ({ errorClass: "MaxLength", errorMessage: `Queue ${queue} was full.` }),
  delivery_limit: (queue) => ({
    errorClass: "DeliveryLimit",
    errorMessage: `Consumers of queue ${queue} vanished with it in hand too often.`,
  }),
};

/**
 * Reads the origin of a message in `<family>.dlq`. A worker that gives up strips the broker's marks, so `x-death` of the
 * family's own queue means that the broker itself moved it there, after whatever a worker had written before.
 * @param table the headers as AMQP typed them. They come from anybody.
 */
export function readRabbitOrigin(table: Readonly<Record<string, unknown>>, family: string, now: Date): RabbitOrigin {
  const death = newestDeath(table, now);
  const isBrokers = death !== null && (death.queue === family || textOr(table["x-original-queue"], "") === "");
  const known = textOr(table["x-original-queue"], "");
  const origin = known
    ? {
        exchange: textOr(table["x-original-exchange"], ""),
        routingKey: textOr(table["x-original-routing-key"], known),
        queue: known,
      }
    : { exchange: death?.exchange ?? "", routingKey: death?.routingKey ?? family, queue: death?.queue ?? family };
  const reason = isBrokers ? reasons[death.reason] : undefined;
  return {
    origin,
    cause: reason?.(death!.queue) ?? null,
    diedAt: death?.at ?? null,
    deliveries: death?.reason === "delivery_limit" ? countOr(table["x-delivery-count"]) : 0,
  };
}

function newestDeath(table: Readonly<Record<string, unknown>>, now: Date) {
  const entry = objectOr(listOr(table["x-death"])[0]);
  const marked = (part: string) => textOr(table[`x-last-death-${part}`], textOr(table[`x-first-death-${part}`], ""));
  const queue = textOr(entry.queue, marked("queue"));
  if (queue === "") return null;
  return {
    queue,
    reason: textOr(entry.reason, marked("reason")),
    exchange: textOr(entry.exchange, marked("exchange")),
    routingKey: textOr(listOr(entry["routing-keys"])[0], queue),
    at: timestampOrNull(entry.time, now),
  };
}

const listOr = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const objectOr = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const textOr = (value: unknown, otherwise: string): string =>
  typeof value === "string" ? cleanText(value, NAME_CHARACTERS) : otherwise;

const countOr = (value: unknown) => (Number.isInteger(value) && (value as number) > 0 ? (value as number) : 0);

/** AMQP timestamps are whole seconds. */
function timestampOrNull(value: unknown, now: Date): Date | null {
  const seconds = objectOr(value).value;
  return typeof seconds === "number" ? timeOrNull(seconds * 1_000, now) : null;
}

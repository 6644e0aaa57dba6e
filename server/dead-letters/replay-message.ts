import type { StoredHeader } from "#contracts/api/dead-letters";
import type { ReplayTarget } from "#contracts/api/replays";
import { topics } from "#contracts/topology";
import type { KafkaMessage, RabbitMessage } from "#server/messaging/broker";
import type { NewReminder } from "#server/messaging/reminders";
import { headersOf, tableOf } from "#server/messaging/stored-headers";

/** A claimed replay with all it takes to send it: the latest death's bytes, or the edit's. */
export type StagedReplay = {
  /** The staging id; the message carries it. */
  replayId: string;
  letterId: string;
  messageId: string | null;
  messageType: string | null;
  /** The worker that gave up. */
  consumer: string | null;
  key: Buffer | null;
  /** null = a tombstone. */
  body: Buffer | null;
  headers: StoredHeader[];
  properties: Record<string, unknown>;
  origin: { queue: string } | { topic: string; partition: number; offset: string };
};

/** A message ready to leave, by the way it takes. */
export type Outgoing =
  | { way: "rabbitmq"; message: RabbitMessage }
  | { way: "kafka"; message: KafkaMessage }
  | { way: "worker"; reminder: NewReminder };

/** The header that tells the collector which replay a death belongs to. */
export const REPLAY_HEADER = "x-replay-id";

/** What a death and a retry wrote onto the message. A replay starts its life anew; RabbitMQ drops what it takes for a circle. */
const marks =
  /^(x-error-(class|message|stack)|x-worker(-version)?|x-attempts|x-(first-)?failed-at|x-original-.*|x-headers-dropped|x-earlier-failures|x-replay-id|x-death|x-(first|last)-death-.*|x-delivery-count|x-acquired-count|CC|BCC)$/;

export const isDeathMark = (name: string): boolean => marks.test(name);

/** AMQP properties that would act again, or that the broker refuses. */
const leftBehind = new Set(["expiration", "userId", "clusterId", "deliveryMode", "messageId", "headers"]);

/** Where a letter goes when nobody says otherwise: straight to the worker that gave up on it, and to nobody else. */
export function originTarget({
  origin,
  consumer,
  messageId,
  hasBody,
}: Pick<StagedReplay, "origin" | "consumer" | "messageId"> & { hasBody: boolean }): ReplayTarget {
  if ("queue" in origin) return { kind: "queue", queue: origin.queue };
  if (consumer !== null && messageId !== null && hasBody) return { kind: "worker", worker: consumer };
  return { kind: "topic", topic: origin.topic };
}

/** The worker whose inbox tells the outcome; null = nobody of ours reads there. */
export function outcomeConsumer(target: ReplayTarget, letter: Pick<StagedReplay, "consumer">, readers: Readers) {
  switch (target.kind) {
    case "worker":
      return target.worker;
    case "queue":
      return readers.get(target.queue) ?? null;
    case "topic":
      return target.topic === topics.orderEvents.name ? letter.consumer : null;
    case "exchange":
      return null;
  }
}

/** Queue name → the worker that reads it. */
export type Readers = ReadonlyMap<string, string>;

/** The message of a replay: body, key, headers and properties as they were, death and retry marks gone, its staging id added. */
export function toOutgoing(staged: StagedReplay, target: ReplayTarget): Outgoing {
  const headers: StoredHeader[] = [
    ...staged.headers.filter(([name]) => !isDeathMark(name)),
    [REPLAY_HEADER, staged.replayId, "utf8"],
  ];
  if (target.kind === "worker") {
    if (staged.body === null || staged.messageId === null)
      throw new Error("a message without a body or an id can't be handed to a worker: redirect it to its topic");
    const { origin } = staged;
    return {
      way: "worker",
      reminder: {
        consumer: target.worker,
        messageId: staged.messageId,
        dueInMs: 0,
        key: staged.key,
        value: staged.body,
        headers,
        ...("topic" in origin && { position: origin }),
      },
    };
  }
  if (target.kind === "topic")
    return {
      way: "kafka",
      message: { topic: target.topic, key: staged.key, value: staged.body, headers: headersOf(headers) },
    };
  const place =
    target.kind === "queue"
      ? { exchange: "", routingKey: target.queue }
      : { exchange: target.exchange, routingKey: target.routingKey };
  return {
    way: "rabbitmq",
    message: {
      ...place,
      messageId: String(staged.properties.messageId ?? staged.messageId ?? staged.replayId),
      value: staged.body ?? Buffer.alloc(0),
      headers: tableOf(headers),
      properties: Object.fromEntries(Object.entries(staged.properties).filter(([name]) => !leftBehind.has(name))),
    },
  };
}

/** How a target reads on a screen and in the audit. */
export function describeTarget(target: ReplayTarget): string {
  switch (target.kind) {
    case "worker":
      return `worker ${target.worker}`;
    case "queue":
      return `queue ${target.queue}`;
    case "exchange":
      return `exchange ${target.exchange}, routing key ${target.routingKey || "(empty)"}`;
    case "topic":
      return `topic ${target.topic}`;
  }
}

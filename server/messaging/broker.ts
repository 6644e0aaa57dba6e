import type { Envelope } from "#contracts/message";

/** Header values as the broker has them: bytes. A name may stand several times; order is kept. */
export type Headers = ReadonlyArray<readonly [name: string, value: Buffer]>;

/** A message as it lies in a broker, before anybody has understood it. */
export type RawMessage = {
  key: Buffer | null;
  /** null = a Kafka tombstone. */
  value: Buffer | null;
  headers: Headers;
};

/** Where a Kafka message was read. */
export type KafkaPosition = { topic: string; partition: number; offset: string };

/** A Kafka message to be sent. Topic names are given without the prefix. */
export type KafkaMessage = RawMessage & { topic: string };

/** Where a sent message ended up; null where the broker did not say. */
export type SentPosition = { partition: number; offset: string } | null;

/** A batch of one partition. `settle` must be called once, after the database has committed. */
export type KafkaBatch = {
  topic: string;
  partition: number;
  messages: (RawMessage & { offset: string; timestampMs: number })[];
  /**
   * Sends the messages and the offset in one transaction; positions in the order of `messages`.
   * When it throws nothing is known of the outcome: the batch comes again, unless all of it was stored after all.
   */
  settle(messages: KafkaMessage[]): Promise<SentPosition[]>;
};

/** A message of RabbitMQ in a worker's hands. */
export type RabbitDelivery = {
  queue: string;
  exchange: string;
  routingKey: string;
  messageId: string | null;
  /** Attempts made before this one, from our own header. */
  attempts: number;
  raw: RawMessage;
  /** The headers as AMQP typed them: texts, numbers, lists, tables, bytes. */
  table: Readonly<Record<string, unknown>>;
  /** The other AMQP properties that were set, e.g. `priority`, `contentType`. */
  properties: Readonly<Record<string, unknown>>;
  /** It was delivered before, to us or to somebody else. */
  isRedelivered: boolean;
  /** False when the channel it came by is gone: an acknowledgement does nothing, the message comes again. */
  isHeld(): boolean;
  /** Done: the message leaves the queue. */
  ack(): void;
  /** Nothing can be done with it now: it stays unacknowledged until its channel goes, and others are delivered instead. */
  setAside(): void;
};

/** A message to be published to RabbitMQ, persistent unless the queue is best effort. */
export type RabbitMessage = {
  exchange: string;
  routingKey: string;
  messageId: string;
  value: Buffer;
  headers: Record<string, unknown>;
  priority?: number;
  persistent?: boolean;
  /** Further AMQP properties, e.g. `contentType`. */
  properties?: Readonly<Record<string, unknown>>;
};

/** The broker took the message but had no queue for it, or refused it: nothing was stored. */
export class NotRouted extends Error {
  override name = "NotRouted";
}

/** The connection went before the broker answered: the message may or may not be stored. Send it again under the same id. */
export class OutcomeUnknown extends Error {
  override name = "OutcomeUnknown";
}

/** The names that every message carries as headers too, so that it can be routed without being parsed. */
export const messageHeaders = (message: Pick<Envelope, "id" | "type" | "source" | "correlationId">) => ({
  "event-id": message.id,
  "event-type": message.type,
  source: message.source,
  "correlation-id": message.correlationId,
});

import { createHash } from "node:crypto";
import type { StoredHeader } from "#contracts/api/dead-letters";
import { groupIdOf, identityOf } from "#contracts/letter-ids";
import { topics } from "#contracts/topology";
import type { KafkaBatch, KafkaPosition, RabbitDelivery } from "#server/messaging/broker";
import { EARLIER_FAILURES_HEADER } from "#server/messaging/earlier-failures";
import { storeHeaders } from "#server/messaging/stored-headers";
import { cleanText } from "./clean-text.ts";
import { fingerprintOf, firstOwnFrame, normaliseError } from "./fingerprint.ts";
import { type ReadEnvelope, readEnvelope } from "./read-envelope.ts";
import { type ReadFailure, readFailure } from "./read-failure.ts";
import { readRabbitOrigin } from "./read-rabbit-origin.ts";

/** What makes letters one group. */
export type DeathGroup = {
  id: string;
  fingerprint: string;
  consumer: string;
  messageType: string;
  errorClass: string;
  errorShape: string;
  frame: string | null;
};

/** One death as it came from a broker, ready for the store: bytes exact, texts fit for PostgreSQL. */
export type NewDeath = ReadEnvelope &
  ReadFailure & {
    identity: string;
    /** Of everything that came: a second delivery of one death has the same. */
    digest: Buffer;
    /**
     * Set for RabbitMQ messages that have no id at all: equal ones are told apart by how often they came.
     * `again` = delivered before, so it may be one that is stored.
     */
    unnamed: "first" | "again" | null;
    group: DeathGroup;
    broker: "kafka" | "rabbitmq";
    source: string;
    consumer: string | null;
    key: Buffer | null;
    body: Buffer | null;
    headers: StoredHeader[];
    headerText: string;
    properties: Record<string, unknown>;
    origin: { exchange: string; routingKey: string; queue: string } | KafkaPosition;
    /** Where in Kafka the dead letter itself lay. */
    position: KafkaPosition | null;
  };

const HEADER_TEXT_CHARACTERS = 8_192;
const PROPERTY_CHARACTERS = 255;

/** A record of `order.events.dlt`. */
export type DeadRecord = KafkaBatch["messages"][number] & { position: KafkaPosition };

/** Reads a dead letter of Kafka. */
export function readKafkaDeath({ key, value, headers: raw, timestampMs, position }: DeadRecord, now: Date): NewDeath {
  const headers = namesCleaned(storeHeaders(raw));
  const header = lastOf(headers);
  const failure = readFailure(header, null, { diedAt: new Date(timestampMs), now });
  const topic = header("x-original-topic");
  const origin = topic
    ? {
        topic: cleanText(topic, PROPERTY_CHARACTERS),
        partition: wholeOr(header("x-original-partition"), -1),
        offset: String(wholeOr(header("x-original-offset"), -1)),
      }
    : { topic: topics.orderEvents.name, partition: -1, offset: "-1" };
  const envelope = readEnvelope(value, header, { key });
  // Tombstones and other messages without an id are told apart by their place.
  const place = topic ? origin : position;
  return completed({
    ...envelope,
    ...failure,
    broker: "kafka",
    source: origin.topic,
    consumer: failure.worker,
    key,
    body: value,
    headers,
    properties: {},
    origin,
    position,
    unnamed: null,
    place: `${place.topic}/${place.partition}/${place.offset}`,
  });
}

/**
 * Reads a message of a dead-letter queue.
 * @param consumerOfQueue the worker of each family, for messages that no worker has marked.
 */
export function readRabbitDeath(
  delivery: Pick<RabbitDelivery, "queue" | "messageId" | "raw" | "table" | "properties" | "isRedelivered">,
  consumerOfQueue: ReadonlyMap<string, string>,
  now: Date,
): NewDeath {
  const { table, raw, isRedelivered } = delivery;
  const family = delivery.queue.replace(/\.dlq$/u, "");
  const headers = typedHeaders(table);
  const header = lastOf(headers);
  const { origin, cause, diedAt, deliveries } = readRabbitOrigin(table, family, now);
  const failure = readFailure(header, cause, { diedAt, now });
  const worker = failure.worker ?? consumerOfQueue.get(origin.queue) ?? consumerOfQueue.get(family) ?? null;
  const envelope = readEnvelope(raw.value, header, { messageId: delivery.messageId });
  return completed({
    ...envelope,
    ...failure,
    worker,
    attempts: Math.max(failure.attempts, deliveries),
    broker: "rabbitmq",
    source: origin.queue,
    consumer: worker,
    key: null,
    body: raw.value,
    headers,
    properties: cleanProperties(delivery.properties),
    origin,
    position: null,
    unnamed: envelope.messageId === null && delivery.messageId === null ? (isRedelivered ? "again" : "first") : null,
    place: delivery.messageId ?? "",
  });
}

type Read = Omit<NewDeath, "identity" | "digest" | "group" | "headerText">;

/** @param place tells messages without an id apart that have the same bytes. */
function completed({ place, ...read }: Read & { place: string }): NewDeath {
  const { consumer, source, messageId, messageType, errorClass, errorMessage, errorStack } = read;
  const who = consumer ?? source;
  const identity = identityOf(who, messageId ?? `sha256:${digestOf([read.key, read.body, place]).toString("hex")}`);
  const cause = {
    consumer: who,
    messageType: messageType ?? "unknown",
    errorClass,
    frame: firstOwnFrame(errorStack, errorMessage),
    shape: normaliseError(errorMessage),
  };
  const fingerprint = fingerprintOf(cause);
  const { shape: errorShape, ...same } = cause;
  const lasting = read.headers.filter(([name]) => !deliveryMarks.has(name));
  return {
    ...read,
    identity,
    digest: digestOf([identity, read.source, read.key, read.body, JSON.stringify([lasting, read.properties])]),
    group: { id: groupIdOf(fingerprint), fingerprint, errorShape, ...same },
    headerText: headerTextOf(read.headers),
  };
}

/** A quorum queue counts its deliveries in the headers: not part of what died. */
const deliveryMarks = new Set(["x-delivery-count", "x-acquired-count"]);

/** SHA-256 over the parts, each with its length before it; null is not empty. */
function digestOf(parts: readonly (Buffer | string | null)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(`${part === null ? "null" : Buffer.byteLength(part)}:`);
    if (part !== null) hash.update(part);
  }
  return hash.digest();
}

const namesCleaned = (headers: StoredHeader[]): StoredHeader[] =>
  headers.map(([name, value, encoding]) => [cleanText(name, name.length), value, encoding]);

/** AMQP headers as they lie in PostgreSQL: bytes as base64, what is no clean text as JSON, so that types come back. */
const typedHeaders = (table: Readonly<Record<string, unknown>>): StoredHeader[] =>
  namesCleaned(
    Object.entries(table).map(([name, value]) => {
      if (Buffer.isBuffer(value)) return [name, value.toString("base64"), "base64"];
      if (typeof value === "string" && !value.includes("\0") && value.isWellFormed()) return [name, value, "utf8"];
      return [name, jsonOf(value), "json"];
    }),
  );

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return JSON.stringify("nested too deep to be kept");
  }
}

/** AMQP properties are short texts and numbers. */
const cleanProperties = (properties: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === "string" ? cleanText(value, PROPERTY_CHARACTERS) : value,
    ]),
  );

/** What a header says as text; of a name that stands twice the last, which is the worker's. Bytes say nothing. */
function lastOf(headers: readonly StoredHeader[]): (name: string) => string | undefined {
  const values = new Map(headers.map(([name, value, encoding]) => [name, encoding === "base64" ? undefined : value]));
  return (name) => values.get(name);
}

/** Long, and nobody searches for a stack. */
const stacks = new Set(["x-error-stack", EARLIER_FAILURES_HEADER]);

function headerTextOf(headers: readonly StoredHeader[]): string {
  const lines = headers.filter(([name]) => !stacks.has(name)).map(([name, value]) => `${name}=${value}`);
  return cleanText(lines.join("\n"), HEADER_TEXT_CHARACTERS);
}

function wholeOr(value: string | undefined, otherwise: number): number {
  const whole = Number(value || Number.NaN);
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : otherwise;
}

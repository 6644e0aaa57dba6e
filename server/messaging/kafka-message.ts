import type { Envelope } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import { topics } from "#contracts/topology";
import { type KafkaMessage, messageHeaders, type SentPosition } from "./broker.ts";
import type { OutboxRow } from "./outbox.ts";

/** The message that an outbox row says, byte for byte the same however often it is sent. */
export function toKafkaMessage(row: OutboxRow): KafkaMessage {
  const { eventId: id, type, version, seq, source, correlationId, causationId, occurredAt, data } = row;
  const who = row.topic === topics.orderEvents.name ? { orderId: row.key } : { key: row.key };
  const envelope = { id, type, version, ...who, seq, occurredAt, source, correlationId, causationId, data };
  return {
    topic: row.topic,
    key: Buffer.from(row.key),
    value: Buffer.from(JSON.stringify(envelope)),
    headers: asHeaders(messageHeaders(envelope)),
  };
}

/**
 * The row's messages: itself and, where its contract has a public fact, the thin copy for other teams. Both leave in the
 * same request, so the copies are at least once and in order like the event itself; readers tell repeats by `id`.
 */
export function toKafkaMessages(row: OutboxRow): KafkaMessage[] {
  const message = toKafkaMessage(row);
  const contract = contractsByType.get(row.type);
  if (contract?.kind !== "event" || !contract.publicFact) return [message];
  const { topic, version, body } = contract.publicFact;
  const { eventId: id, type, key: orderId, occurredAt } = row;
  const thin = { id, type, version, orderId, occurredAt, data: body(row.data) };
  return [message, { topic, key: message.key, value: Buffer.from(JSON.stringify(thin)), headers: message.headers }];
}

/** Where an outbox row's message ended up. */
export type SentMark = { rowId: number; partition: number | null; offset: string | null };

/** Where each row's own message ended up, given the positions of all messages in the order they were sent. */
export function sentMarks(
  rows: readonly OutboxRow[],
  messagesOfRow: readonly (readonly KafkaMessage[])[],
  positions: readonly SentPosition[],
): SentMark[] {
  let next = 0;
  return rows.map(({ rowId }, index) => {
    const position = positions[next] ?? null;
    next += messagesOfRow[index]!.length;
    return { rowId, partition: position?.partition ?? null, offset: position?.offset ?? null };
  });
}

export const asHeaders = (headers: Record<string, string | number>): KafkaMessage["headers"] =>
  Object.entries(headers).map(([name, value]) => [name, Buffer.from(String(value))] as const);

/** The envelope as bytes, for a message that is not in the outbox. */
export const envelopeBytes = (envelope: Envelope): Buffer => Buffer.from(JSON.stringify(envelope));

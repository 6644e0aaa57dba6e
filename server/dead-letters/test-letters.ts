import { randomUUID } from "node:crypto";
import { v5 as uuidv5 } from "uuid";
import type { StoredHeader } from "#contracts/api/dead-letters";
import type { DeadLetterStatus, OrderStatus } from "#contracts/vocabulary";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { customers } from "../../prisma/seed/customers.ts";

/** An order that tests plant without the pipeline. */
export type PlantedOrder = {
  id: string;
  customerId: string;
  status: OrderStatus;
  paymentMethod: "prepaid" | "cod";
  currency: string;
  totalCents: number;
  isTest: boolean;
  lastSeq: number;
  placedAt: Date;
};

/** A dead letter that tests plant without a broker. */
export type PlantedLetter = {
  id: string;
  /** Letters with the same word are of one group. */
  group: string;
  status: DeadLetterStatus;
  broker: "kafka" | "rabbitmq";
  source: string;
  consumer: string | null;
  messageId: string | null;
  messageType: string | null;
  messageVersion: number | null;
  orderId: string | null;
  seq: number | null;
  endpointId: string | null;
  errorClass: string;
  errorMessage: string;
  headers: StoredHeader[];
  key: Buffer | null;
  /** Left out = the envelope of the fields above with `data`. */
  body: Buffer | null;
  data: unknown;
  attempts: number;
  workerVersion: string | null;
  diedAt: Date;
};

const BATCH = 5_000;
const NAMESPACE = "a2c8f1de-52f5-4cf5-b1e0-57f5c3f6f7a1";

/** The id of the group that a word stands for. */
export const plantedGroupId = (group: string) => uuidv5(group, NAMESPACE);

/** Plants orders, `EUR 10.00` each unless told otherwise. @returns their ids. */
export async function plantOrders(
  count: number,
  wish: (index: number) => Partial<PlantedOrder> = () => ({}),
): Promise<string[]> {
  const orders = Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    customerId: customers[index % customers.length]!.id,
    status: "placed",
    paymentMethod: "prepaid",
    currency: "EUR",
    totalCents: 1_000,
    isTest: false,
    lastSeq: 1,
    placedAt: new Date(),
    ...wish(index),
  }));
  for (let start = 0; start < count; start += BATCH)
    await db.rows(sql`
      INSERT INTO orders (id, customer_id, status, payment_method, currency, total_cents, country, category, is_test, shipping_address,
                          idempotency_key, request_hash, correlation_id, last_seq, placed_at)
      SELECT o.id, o."customerId", o.status, o."paymentMethod", o.currency, o."totalCents", 'DE', 'kitchen', o."isTest", '{}',
             'planted/' || o.id, '', o.id, o."lastSeq", o."placedAt"
        FROM jsonb_to_recordset(${JSON.stringify(orders.slice(start, start + BATCH))}::jsonb)
          AS o(id uuid, "customerId" uuid, status text, "paymentMethod" text, currency text, "totalCents" bigint, "isTest" bool,
               "lastSeq" int, "placedAt" timestamptz)`);
  await db.rows(sql`VACUUM ANALYZE orders`);
  return orders.map(({ id }) => id);
}

/** Plants dead letters with their group and one death each; mails that could not be sent unless told otherwise. @returns their ids. */
export async function plantLetters(
  count: number,
  wish: (index: number) => Partial<PlantedLetter> = () => ({}),
): Promise<string[]> {
  const letters = Array.from({ length: count }, (_, index) => toRow(wish(index)));
  for (let start = 0; start < count; start += BATCH)
    await insertLetters(JSON.stringify(letters.slice(start, start + BATCH)));
  await db.rows(sql`VACUUM ANALYZE dead_letters`);
  await db.rows(sql`VACUUM ANALYZE dead_letter_deaths`);
  return letters.map(({ id }) => id);
}

function toRow(wish: Partial<PlantedLetter>) {
  const letter = {
    id: randomUUID() as string,
    group: "smtp",
    status: "dead",
    broker: "rabbitmq",
    source: "email",
    consumer: "send-email",
    messageId: randomUUID() as string | null,
    messageType: "email.send" as string | null,
    messageVersion: 1,
    orderId: null as string | null,
    seq: null,
    endpointId: null,
    errorClass: "Error",
    errorMessage: "the mail server said no",
    attempts: 4,
    workerVersion: "0.1.0",
    key: null,
    data: { kind: "order_received", orderNumber: 1 } as unknown,
    ...wish,
  };
  const { messageId, messageType, messageVersion, orderId, seq, data } = letter;
  const diedAt = wish.diedAt ?? new Date();
  const correlationId = randomUUID();
  const envelope = {
    ...{ id: messageId, type: messageType, version: messageVersion, orderId: orderId ?? randomUUID(), seq: seq ?? 0 },
    ...{ occurredAt: diedAt, source: "planted", correlationId, causationId: null, data },
  };
  const body = wish.body === undefined ? Buffer.from(JSON.stringify(envelope)) : wish.body;
  const headers: StoredHeader[] = wish.headers ?? [
    ["event-id", messageId ?? "", "utf8"],
    ["event-type", messageType ?? "", "utf8"],
    ["source", "planted", "utf8"],
    ["correlation-id", correlationId, "utf8"],
    ["x-error-class", letter.errorClass, "utf8"],
  ];
  return {
    ...letter,
    diedAt,
    headers,
    headerText: headers.map(([name, value]) => `${name}=${value}`).join("\n"),
    groupId: plantedGroupId(letter.group),
    body: body?.toString("base64") ?? null,
    key: letter.key?.toString("base64") ?? null,
    bytes: body?.length ?? 0,
    origin:
      letter.broker === "kafka"
        ? { topic: letter.source, partition: 0, offset: "0" }
        : { exchange: "", routingKey: letter.source, queue: letter.source },
  };
}

const insertLetters = (letters: string) =>
  db.rows(sql`
    WITH planted AS (
      SELECT * FROM jsonb_to_recordset(${letters}::jsonb)
        AS l(id uuid, "group" text, "groupId" uuid, status text, broker text, source text, consumer text, "messageId" uuid, "messageType" text,
             "messageVersion" int, "orderId" uuid, seq int, "endpointId" uuid, "errorClass" text, "errorMessage" text, "headerText" text,
             headers jsonb, origin jsonb, key text, body text, bytes int, attempts int, "workerVersion" text, "diedAt" timestamptz)),
    grouped AS (
      INSERT INTO dead_letter_groups AS g (id, fingerprint, consumer, message_type, error_class, error_shape, deaths, first_seen_at, last_seen_at, first_seen_version)
      SELECT "groupId", "group", coalesce(min(consumer), min(source)), coalesce(min("messageType"), ''), min("errorClass"), min("group"),
             count(*), min("diedAt"), max("diedAt"), min("workerVersion")
        FROM planted GROUP BY "groupId", "group"
      ON CONFLICT (id) DO UPDATE SET deaths = g.deaths + excluded.deaths, first_seen_at = least(g.first_seen_at, excluded.first_seen_at),
             last_seen_at = greatest(g.last_seen_at, excluded.last_seen_at)),
    lettered AS (
      INSERT INTO dead_letters (id, identity, group_id, status, broker, source, consumer, message_id, message_type, message_version, order_id, seq,
                                endpoint_id, error_class, error_message, header_text, bytes, attempts, worker_version, first_died_at, died_at, archived_at)
      SELECT id, 'planted/' || id, "groupId", status, broker, source, consumer, "messageId", "messageType", "messageVersion", "orderId", seq,
             "endpointId", "errorClass", "errorMessage", "headerText", bytes, attempts, "workerVersion", "diedAt", "diedAt",
             CASE WHEN status = 'archived' THEN now() END
        FROM planted)
    INSERT INTO dead_letter_deaths (letter_id, digest, key, body, headers, properties, origin, error_class, error_message, error_stack, worker,
                                    worker_version, attempts, first_failed_at, failed_at)
    SELECT id, sha256(id::text::bytea), decode(key, 'base64'), decode(body, 'base64'), headers, '{}', origin, "errorClass", "errorMessage",
           "errorClass" || ': ' || "errorMessage" || E'\n    at record (server/planted.ts:1:1)', consumer, "workerVersion", attempts, "diedAt", "diedAt"
      FROM planted`);

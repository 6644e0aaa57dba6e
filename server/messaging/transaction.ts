import { v7 as uuidv7 } from "uuid";
import type { Envelope, EventContract, ReminderContract } from "#contracts/message";
import type { InventoryUpdated } from "#contracts/messages/stock";
import { topics } from "#contracts/topology";
import { inTransaction, type Tx } from "#server/platform/db";
import { env } from "#server/platform/env";
import { type OutboxRow, writeOutbox } from "./outbox.ts";
import { type NewReminder, writeReminders } from "./reminders.ts";

/** What a new message follows from: the message being handled, or an order when nothing caused it but time or a person. */
export type Cause = { orderId: string; correlationId: string; id?: string | null };

/**
 * Adds a fact to the transaction: it commits with the state or not at all, and Kafka gets it after the commit.
 * Nothing is sent here. The data is checked against the contract at once.
 */
export type Emit = {
  <Data>(contract: EventContract<string, Data>, cause: Cause, data: NoInfer<Data>): void;
  /** The stock level of one SKU after this transaction's movement, for topic `inventory.updated`. */
  level(level: InventoryUpdated, cause: Cause): void;
};

/** Leaves a message for a worker (itself) to be delivered `afterMs` from now, scaled by TIME_SCALE. */
export type Remind = <Data>(
  consumer: string,
  contract: ReminderContract<string, Data>,
  cause: Cause,
  data: NoInfer<Data>,
  afterMs: number,
) => void;

export type TransactionOptions = {
  /** Who speaks: the worker's name, or `checkout`. */
  source: string;
  /** The relay leaves the rows alone for so long, ms, because the caller sends them itself; 0 = the relay sends them. */
  relayAfterMs?: number;
};

/** What a transaction wrote to the outbox, once it has committed. */
export type Committed<Result> = { result: Result; sent: OutboxRow[] };

/**
 * State and outbox commit together. The outbox rows are written last, numbered per order under the order's row lock.
 *
 * An error at COMMIT leaves the outcome unknown: callers repeat the whole function, whose inbox rows make it take
 * effect once.
 * @throws whatever `change` throws, after the roll-back; errors of PostgreSQL as they are.
 */
export async function transaction<Result>(
  options: TransactionOptions,
  change: (tx: Tx, emit: Emit, remind: Remind) => Promise<Result>,
): Promise<Committed<Result>> {
  return inTransaction(async (tx) => {
    const { emit, remind, facts, reminders } = collect(options.source);
    const result = await change(tx, emit, remind);
    const sent = await writeOutbox(tx, facts, options.relayAfterMs ?? 0);
    await writeReminders(tx, reminders);
    return { result, sent };
  });
}

/** A fact waiting for its number: `seq` is given by `writeOutbox` under the order's lock. */
export type NewFact = Omit<Envelope, "seq" | "orderId"> & { topic: string; key: string; seq?: number };

function collect(source: string) {
  const facts: NewFact[] = [];
  const reminders: NewReminder[] = [];

  const envelope = (
    contract: { type: string; version: number; body: { parse(data: unknown): unknown } },
    cause: Cause,
    data: unknown,
  ) => ({
    id: uuidv7(),
    type: contract.type,
    version: contract.version,
    occurredAt: new Date().toISOString(),
    source,
    correlationId: cause.correlationId,
    causationId: cause.id ?? null,
    data: contract.body.parse(data),
  });

  const emit: Emit = Object.assign(
    <Data>(contract: EventContract<string, Data>, cause: Cause, data: NoInfer<Data>): void => {
      facts.push({ ...envelope(contract, cause, data), topic: topics.orderEvents.name, key: cause.orderId });
    },
    {
      level({ ...level }: InventoryUpdated, cause: Cause) {
        const contract = { type: "inventory.updated", version: 1, body: { parse: (data: unknown) => data } };
        facts.push({
          ...envelope(contract, cause, level),
          topic: topics.inventoryUpdated.name,
          key: level.sku,
          seq: level.version,
        });
      },
    },
  );

  const remind: Remind = (consumer, contract, cause, data, afterMs) => {
    const message = { ...envelope(contract, cause, data), orderId: cause.orderId, seq: 0 };
    reminders.push({
      consumer,
      messageId: message.id,
      dueInMs: afterMs * env().TIME_SCALE,
      value: Buffer.from(JSON.stringify(message)),
      headers: { "event-type": message.type },
    });
  };

  return { emit, remind, facts, reminders };
}

import type { CommandContract, EventContract, MessageContract, Received, ReminderContract } from "#contracts/message";
import type { DelayQueue, QueueFamily } from "#contracts/topology";
import type { Tx } from "#server/platform/db";
import type { Emit, Remind } from "./transaction.ts";

/** How often and how patiently a failed message is tried again before it becomes a dead letter. */
export type RetryPolicy = {
  /** Waits before each further attempt, ms; attempts = delays + 1. A queue family's own delays win over these. */
  delaysMs: readonly number[];
};

/** For providers that may be away for an hour: money and parcels are worth waiting for. About 75 min in all. */
export const patient: RetryPolicy = {
  delaysMs: [1_000, 2_000, 5_000, 15_000, 30_000, 60_000, ...Array.from({ length: 14 }, () => 5 * 60_000)],
};

/** For work inside this house: if it fails three times it will fail again. */
export const brief: RetryPolicy = { delaysMs: [1_000, 5_000] };

/** A failure that no further attempt can cure, e.g. a refused edit; the message becomes a dead letter at once. */
export class Hopeless extends Error {
  override name = "Hopeless";
}

/** One message with what `prepare` and `reach` found out about it. */
export type Work<Message, Reached> = { message: Message; reached: Reached };

export type RecordContext = { tx: Tx; emit: Emit; remind: Remind };

/** A command that a fact asks for, with its place in the queue. */
export type Ask = {
  /** `"fact"` = the fact itself, unchanged, for everybody who listens on RabbitMQ; needs `via`. */
  command: CommandContract | "fact";
  data: unknown;
  /** Tells two asks of one fact to the same command apart, e.g. the endpoint's id; part of the message id. */
  about?: string;
  /** 0..10, only on queues with priorities. */
  priority?: number;
  /** Waits there first. */
  through?: DelayQueue;
  /** Published to this exchange with this routing key instead of straight to the command's queue. */
  via?: { exchange: string; routingKey: string };
};

/** A command for the worker that listens to it, typed by its contract. */
export function ask<Data>(
  command: CommandContract<string, Data>,
  data: Data,
  placement: Omit<Ask, "command" | "data"> = {},
): Ask {
  return { command: command as CommandContract, data, ...placement };
}

/** The fact itself, for everybody who listens to this exchange. */
export const announce = (via: NonNullable<Ask["via"]>): Ask => ({ command: "fact", data: null, via });

/**
 * What a worker is: data and at most three functions. It knows no broker, no acknowledgement and no retry;
 * `run-workers` does. A reader of `workers/` alone can draw the pipeline.
 */
export type WorkerDefinition<On extends MessageContract = MessageContract, Prepared = unknown, Reached = unknown> = {
  /** Consumer group, inbox name, metric label, log field and node on the map. */
  name: string;
  /** The messages it handles. Events arrive from Kafka, commands from their RabbitMQ queue, reminders from PostgreSQL. */
  on: readonly On[];
  /** Events read from a RabbitMQ queue instead of Kafka. */
  from?: QueueFamily;
  emits: readonly EventContract[];
  reminds?: readonly ReminderContract[];
  dispatches?: readonly CommandContract[];
  retry: RetryPolicy;
  /** Messages reached at a time; 50 unless said. */
  concurrency?: number;
  /** Dead-letters what has no readable type, on behalf of everybody; one worker per topic does. */
  catchesUnreadable?: boolean;
  /** A batch waits at most this long in `reach`, ms per message; 10,000 unless said. */
  timeoutMs?: number;

  /** First transaction, for what must be durable before the outside world is called. Repeatable. One result per message. */
  prepare?(messages: readonly Received<On>[], tx: Tx): Promise<readonly Prepared[]>;
  /** The outside world. May run twice for one message; the outside side ignores the second by its idempotency key. */
  reach?(message: Received<On>, context: { prepared: Prepared; signal: AbortSignal }): Promise<Reached>;
  /** Pure: the commands a fact asks for, and its own copy for everybody who listens on RabbitMQ. */
  dispatch?(message: Received<On>, context: { prepared: Prepared }): readonly Ask[];
  /** One transaction: inbox rows, state and outbox rows commit together or not at all. Takes effect once. */
  record?(work: readonly Work<Received<On>, Reached>[], context: RecordContext): Promise<void>;
};

/** Types a definition by its own `on`, `prepare` and `reach`. */
export function worker<const On extends MessageContract, Prepared = undefined, Reached = undefined>(
  definition: WorkerDefinition<On, Prepared, Reached>,
): WorkerDefinition {
  return definition as unknown as WorkerDefinition;
}

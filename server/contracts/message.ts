import { z } from "zod";
import type { QueueFamily } from "./topology.ts";

/** What every order event says of its order, so that no consumer has to call back. */
export const OrderSummary = z.object({
  number: z.int().positive(),
  country: z.string().length(2),
  category: z.string().min(1),
  paymentMethod: z.enum(["prepaid", "cod"]),
  totalCents: z.int().nonnegative(),
  currency: z.string().length(3),
  isTest: z.boolean(),
});
export type OrderSummary = z.infer<typeof OrderSummary>;

/** The part of a message that is the same for all: an event, a command and a reminder are told apart by their contract. */
export const Envelope = z.object({
  id: z.uuid(),
  type: z.string(),
  version: z.int().positive(),
  /** The order it belongs to; the Kafka key of every order event. */
  orderId: z.uuid(),
  /** Place in the order's history, 1..n without gaps. 0 for commands and reminders, which are not history. */
  seq: z.int().nonnegative(),
  occurredAt: z.iso.datetime(),
  source: z.string(),
  correlationId: z.uuid(),
  causationId: z.uuid().nullable(),
  data: z.unknown(),
});
export type Envelope<Data = unknown> = Omit<z.infer<typeof Envelope>, "data"> & { data: Data };

/** A thin copy of an event for other teams: its own topic, its own version, only the fields named. */
export type PublicFact<Data> = { topic: string; version: number; body(data: Data): Record<string, unknown> };

export type EventContract<Type extends string = string, Data = unknown> = {
  kind: "event";
  type: Type;
  version: number;
  /** True where nobody has to react: the end of a story. Otherwise boot refuses an event without a worker. */
  terminal: boolean;
  body: z.ZodType<Data>;
  publicFact?: PublicFact<Data>;
};

export type CommandContract<Type extends string = string, Data = unknown> = {
  kind: "command";
  type: Type;
  version: number;
  queue: QueueFamily;
  body: z.ZodType<Data>;
};

export type ReminderContract<Type extends string = string, Data = unknown> = {
  kind: "reminder";
  type: Type;
  version: number;
  body: z.ZodType<Data>;
};

export type MessageContract<Type extends string = string, Data = unknown> =
  | EventContract<Type, Data>
  | CommandContract<Type, Data>
  | ReminderContract<Type, Data>;

/** A received message with the contract's type and data, as a handler sees it. */
export type Received<Contract> = Contract extends { type: infer Type; body: z.ZodType<infer Data> }
  ? Omit<Envelope<Data>, "type"> & { type: Type }
  : never;

/**
 * Declares a fact on Kafka topic `order.events`. Its name is in the past tense.
 * Topic, key, consumer groups and the catalogue are derived from it; there is no second place to register.
 */
export function event<Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  definition: {
    version: number;
    terminal?: boolean;
    body: Shape;
    publicFact?: PublicFact<z.infer<z.ZodObject<Shape & { order: typeof OrderSummary }>>>;
  },
) {
  const body = z.object({ ...definition.body, order: OrderSummary });
  return { kind: "event", type, terminal: false, ...definition, body } as unknown as EventContract<
    Type,
    z.infer<z.ZodObject<Shape & { order: typeof OrderSummary }>>
  >;
}

/** Declares a request to exactly one worker, sent through a RabbitMQ queue family. Its name is imperative. */
export function command<Type extends string, Data>(
  type: Type,
  definition: { version: number; queue: QueueFamily; body: z.ZodType<Data> },
): CommandContract<Type, Data> {
  return { kind: "command", type, ...definition };
}

/** Declares a message that a worker leaves for itself in PostgreSQL, due at a later time. */
export function reminder<Type extends string, Data>(
  type: Type,
  definition: { version: number; body: z.ZodType<Data> },
): ReminderContract<Type, Data> {
  return { kind: "reminder", type, ...definition };
}

import { z } from "zod";
import { ShippingAddress } from "../messages/orders.ts";
import { personal } from "../personal.ts";
import { deadLetterStatuses, documentKinds, mailKinds, orderStatuses } from "../vocabulary.ts";

/** An order as a row of a list. Money in cents. */
export const OrderRow = z.object({
  orderId: z.uuid(),
  number: z.int(),
  status: z.enum(orderStatuses),
  customerName: personal("name", z.string()),
  country: z.string(),
  category: z.string(),
  paymentMethod: z.enum(["prepaid", "cod"]),
  totalCents: z.int(),
  currency: z.string(),
  isTest: z.boolean(),
  lastType: z.string(),
  lastSeq: z.int(),
  placedAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
});
export type OrderRow = z.infer<typeof OrderRow>;

export const OrderListQuery = z.object({
  status: z.enum(orderStatuses).optional(),
  /** An order id, an order number, or the beginning of a customer's name. */
  search: z.string().trim().max(100).optional(),
  /** From the previous page's `nextCursor`. */
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type OrderListQuery = z.infer<typeof OrderListQuery>;

export const OrderList = z.object({ orders: z.array(OrderRow), nextCursor: z.string().nullable() });
export type OrderList = z.infer<typeof OrderList>;

/** One step of an order's history, from the outbox. Kafka's position is null until Kafka has it. */
export const OrderEvent = z.object({
  eventId: z.uuid(),
  seq: z.int(),
  type: z.string(),
  source: z.string(),
  occurredAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
  kafkaPartition: z.int().nullable(),
  kafkaOffset: z.int().nullable(),
  data: personal("data", z.record(z.string(), z.unknown())),
});
export type OrderEvent = z.infer<typeof OrderEvent>;

/** A dead letter of an order, in the fewest words that tell it apart. */
export const OrderLetter = z.object({
  id: z.uuid(),
  status: z.enum(deadLetterStatuses),
  messageType: z.string().nullable(),
  /** The worker that gave up, or the queue or topic where nobody knows it. */
  where: z.string(),
  errorClass: z.string(),
  /** Its beginning. */
  errorMessage: personal("text", z.string()),
  diedAt: z.iso.datetime(),
});
export type OrderLetter = z.infer<typeof OrderLetter>;

export const OrderDetail = z.object({
  order: OrderRow,
  lines: z.array(z.object({ sku: z.string(), name: z.string(), quantity: z.int(), unitPriceCents: z.int() })),
  shippingAddress: ShippingAddress.partial(),
  express: z.boolean(),
  events: z.array(OrderEvent),
  mails: z.array(
    z.object({ kind: z.enum(mailKinds), subject: personal("text", z.string()), sentAt: z.iso.datetime() }),
  ),
  documents: z.array(z.object({ kind: z.enum(documentKinds), number: z.int(), createdAt: z.iso.datetime() })),
  webhooks: z.array(
    z.object({ partner: z.string(), factType: z.string(), httpStatus: z.int(), deliveredAt: z.iso.datetime() }),
  ),
  /** Its dead letters, whatever became of them; the newest 100. */
  letters: z.array(OrderLetter),
  /** Since when the saga calls it stuck; null = it moves. */
  stuckSince: z.iso.datetime().nullable(),
  /** Another attempt that waits: by whom, due when, and why the last one failed. */
  waiting: z.array(
    z.object({
      consumer: z.string(),
      dueAt: z.iso.datetime(),
      attempts: z.int(),
      lastError: personal("text", z.string()).nullable(),
    }),
  ),
});
export type OrderDetail = z.infer<typeof OrderDetail>;

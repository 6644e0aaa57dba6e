import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import { CheckoutRequest } from "#contracts/api/checkout";
import { retryReminder } from "#server/messaging/dead-letter";
import { decode } from "#server/messaging/decode";
import { type Delivery, type Handled, type HandleOptions, handle } from "#server/messaging/handle";
import { toKafkaMessage } from "#server/messaging/kafka-message";
import type { OutboxRow } from "#server/messaging/outbox";
import { deliverDue } from "#server/messaging/run-reminders";
import type { WorkerDefinition } from "#server/messaging/worker";
import { placeOrder } from "#server/orders/place-order";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { customers } from "../prisma/seed/customers.ts";

type Wish = { sku?: string; quantity?: number; paymentMethod?: "prepaid" | "cod"; card?: string; line1?: string };
type System = "payments" | "shipping";

/**
 * Workers on a real database with the sandbox as their outside world, and the test in place of Kafka: it decides which
 * event reaches which worker, when, and how often.
 */
export function workerStage(sandboxUrl: string, settings: Record<string, string> = {}) {
  testDatabase({
    SANDBOX_URL: sandboxUrl,
    STRIPE_API_URL: sandboxUrl,
    SHIPPING_API_URL: `${sandboxUrl}/shipping`,
    ...settings,
  });
  const publish: HandleOptions["publish"] = async (asks) => asks.map(() => null);
  const ledger = async <Line extends { orderId: string }>(book: string, orderId: string): Promise<Line[]> => {
    const lines = (await (await fetch(`${sandboxUrl}/api/ledger/${book}`)).json()) as Line[];
    return lines.filter((line) => line.orderId === orderId);
  };

  const stage = {
    /** Places an order of goods for a card that works, unless told otherwise. @returns its id. */
    async place({ sku = "TEA-POT", quantity = 1, line1 = "Street 1", ...how }: Wish = {}): Promise<string> {
      const body = CheckoutRequest.parse({
        customerId: customers[0]!.id,
        lines: [{ sku, quantity }],
        paymentMethod: "prepaid",
        card: how.paymentMethod === "cod" ? undefined : "ok",
        shippingAddress: { name: "Ada", line1, postalCode: "10115", city: "Berlin", country: "DE" },
        ...how,
      });
      const { reply } = await placeOrder(body, { caller: "test", idempotencyKey: randomUUID() });
      return reply.orderId;
    },
    /** The order's newest event of this type, as the worker reads it from Kafka. */
    async delivery(worker: WorkerDefinition, orderId: string, type: string): Promise<Delivery> {
      const rows = await db.rows<OutboxRow>(sql`
        SELECT id AS "rowId", event_id AS "eventId", topic, key, seq, type, version, source, correlation_id AS "correlationId",
               causation_id AS "causationId", occurred_at AS "occurredAt", data
          FROM outbox WHERE key = ${orderId} AND type = ${type} ORDER BY seq DESC LIMIT 1`);
      if (!rows[0]) throw new Error(`order ${orderId} has no ${type}`);
      const raw = toKafkaMessage({ ...rows[0], occurredAt: new Date(rows[0].occurredAt).toISOString() });
      const decoded = decode(worker, raw);
      if (decoded.outcome !== "message") throw new Error(`${worker.name} does not read ${type}: ${decoded.outcome}`);
      const position = { topic: "order.events", partition: 0, offset: "0" };
      return { message: decoded.message, raw, attempts: 0, position };
    },
    /** Hands a batch to a worker. */
    handle: (worker: WorkerDefinition, batch: readonly Delivery[]): Promise<Handled> =>
      handle(worker, batch, {
        publish,
        relayAfterMs: 10_000,
        retryOf: (failed) => retryReminder(worker, failed, env().TIME_SCALE),
      }),
    /** Delivers the order's newest event of this type to a worker. */
    tell: async (worker: WorkerDefinition, orderId: string, type: string): Promise<Handled> =>
      stage.handle(worker, [await stage.delivery(worker, orderId, type)]),
    /** Delivers a worker's reminders that are due. @returns how many. */
    deliverDue: (worker: WorkerDefinition): Promise<number> =>
      deliverDue([worker], { send: async () => [] }, () => publish),
    /** Waits until a reminder of a worker is due and delivers it. */
    async remind(worker: WorkerDefinition): Promise<void> {
      const deliver = async () => expect(await stage.deliverDue(worker)).toBeGreaterThan(0);
      await vi.waitFor(deliver, { interval: 20, timeout: 10_000 });
    },
    /** What a worker will be reminded of. */
    reminders: (worker: WorkerDefinition) =>
      db.rows<{ attempts: number; last_error: string | null; type: string }>(sql`
        SELECT attempts, last_error, CASE jsonb_typeof(headers) WHEN 'object' THEN headers ->> 'event-type'
                 ELSE (SELECT header ->> 1 FROM jsonb_array_elements(headers) header WHERE header ->> 0 = 'event-type') END AS type
          FROM reminders WHERE consumer = ${worker.name} ORDER BY id`),
    /** Tells an outside system how to behave from now on. */
    async fault(system: System, mode: string): Promise<void> {
      const answer = await fetch(`${sandboxUrl}/control/faults/${system}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ mode }),
      });
      expect(answer.status).toBe(200);
    },
    /** The payment provider's own books. */
    charges: (orderId: string) =>
      ledger<{ orderId: string; id: string; capturedCents: number; refundedCents: number; refunds: number }>(
        "payments",
        orderId,
      ),
    /** The carrier's own books. */
    parcels: (orderId: string) => ledger<{ orderId: string; id: string; trackingNumber: string }>("shipments", orderId),
    /** What was said of an order, in order. */
    async history(orderId: string): Promise<string[]> {
      const rows = await db.rows<{ type: string }>(sql`SELECT type FROM outbox WHERE key = ${orderId} ORDER BY seq`);
      return rows.map(({ type }) => type);
    },
    /** The data of the order's newest event of a type. */
    async said(orderId: string, type: string): Promise<unknown> {
      const [row] = await db.rows<{ data: unknown }>(
        sql`SELECT data FROM outbox WHERE key = ${orderId} AND type = ${type} ORDER BY seq DESC LIMIT 1`,
      );
      return row?.data;
    },
    async status(orderId: string): Promise<string | undefined> {
      const [row] = await db.rows<{ status: string }>(sql`SELECT status FROM orders WHERE id = ${orderId}::uuid`);
      return row?.status;
    },
    /** An order's ledger entries, `movement account` to signed cents. */
    async entries(orderId: string): Promise<Record<string, number>> {
      const rows = await db.rows<{ entry: string; cents: number }>(sql`
        SELECT e.movement || ' ' || e.account AS entry, e.amount_cents AS cents
          FROM ledger_entries e JOIN payments p ON p.id = e.payment_id WHERE p.order_id = ${orderId}::uuid`);
      return Object.fromEntries(rows.map(({ entry, cents }) => [entry, cents]));
    },
  };
  return stage;
}

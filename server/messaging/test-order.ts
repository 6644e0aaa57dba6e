import { v7 as uuidv7 } from "uuid";
import type { OrderSummary } from "#contracts/message";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { customers } from "../../prisma/seed/customers.ts";

/** What the messages of a planted order say of it. */
export const plantedOrder: OrderSummary = {
  number: 1,
  country: "DE",
  category: "tea",
  paymentMethod: "prepaid",
  totalCents: 1290,
  currency: "EUR",
  isTest: false,
};

/** An order without lines or events, for messages to be about. @returns its id. */
export async function plantOrder(): Promise<string> {
  const id = uuidv7();
  const { paymentMethod, currency, totalCents, country, category } = plantedOrder;
  await db.rows(sql`
    INSERT INTO orders (id, customer_id, payment_method, currency, total_cents, country, category, shipping_address, idempotency_key, request_hash, correlation_id)
    VALUES (${id}::uuid, ${customers[0]!.id}::uuid, ${paymentMethod}, ${currency}, ${totalCents}, ${country}, ${category}, '{}', ${id}, '', ${id}::uuid)`);
  return id;
}

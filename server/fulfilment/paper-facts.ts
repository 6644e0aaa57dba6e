import type { ShippingAddress } from "#contracts/messages/orders";
import { Hopeless } from "#server/messaging/worker";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** What mails and documents tell of an order: as it was bought, from the database. */
export type PaperFacts = {
  orderId: string;
  orderNumber: number;
  customerName: string;
  email: string;
  totalCents: number;
  currency: string;
  paymentMethod: string;
  placedAt: string;
  shippingAddress: ShippingAddress;
  lines: { name: string; quantity: number; unitPriceCents: number }[];
};

/** Reads the paper facts of several orders. Orders that don't exist are left out. */
export async function readPaperFacts(db: Db, orderIds: readonly string[]): Promise<Map<string, PaperFacts>> {
  const rows = await db.rows<PaperFacts>(sql`
    SELECT o.id AS "orderId", o.number AS "orderNumber", c.name AS "customerName", c.email, o.total_cents AS "totalCents", o.currency,
           o.payment_method AS "paymentMethod", to_char(o.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "placedAt",
           o.shipping_address AS "shippingAddress",
           (SELECT jsonb_agg(jsonb_build_object('name', l.name, 'quantity', l.quantity, 'unitPriceCents', l.unit_price_cents) ORDER BY l.line_number)
              FROM order_lines l WHERE l.order_id = o.id) AS lines
      FROM orders o JOIN customers c ON c.id = o.customer_id
     WHERE o.id = ANY(${orderIds}::uuid[])`);
  return new Map(rows.map((row) => [row.orderId, row]));
}

/** The facts of one order. @throws Hopeless when there is no such order: no further attempt would find it. */
export function factsOf(facts: ReadonlyMap<string, PaperFacts>, orderId: string): PaperFacts {
  const found = facts.get(orderId);
  if (!found) throw new Hopeless("the order of this message does not exist");
  return found;
}

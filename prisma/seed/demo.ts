import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { catalogue } from "./catalogue.ts";
import { customers } from "./customers.ts";

/** Fills an empty shop: goods with stock, and customers. Repeating it changes nothing that is there. */
export async function seedShop(db: Db): Promise<{ products: number; customers: number }> {
  await db.rows(sql`
    INSERT INTO products (sku, name, category, price_cents, currency)
    SELECT sku, name, category, price_cents, 'EUR'
      FROM unnest(${catalogue.map(([sku]) => sku)}::text[], ${catalogue.map(([, name]) => name)}::text[],
                  ${catalogue.map(([, , category]) => category)}::text[], ${catalogue.map(([, , , cents]) => cents)}::bigint[])
        AS p(sku, name, category, price_cents)
    ON CONFLICT DO NOTHING`);
  await db.rows(sql`
    INSERT INTO stock (sku, initial, available)
    SELECT sku, pieces, pieces FROM unnest(${catalogue.map(([sku]) => sku)}::text[], ${catalogue.map((one) => one[4])}::int[]) AS s(sku, pieces)
    ON CONFLICT DO NOTHING`);
  await db.rows(sql`
    INSERT INTO customers (id, name, email, country)
    SELECT * FROM unnest(${customers.map((c) => c.id)}::uuid[], ${customers.map((c) => c.name)}::text[],
                         ${customers.map((c) => c.email)}::text[], ${customers.map((c) => c.country)}::text[])
    ON CONFLICT DO NOTHING`);
  return { products: catalogue.length, customers: customers.length };
}

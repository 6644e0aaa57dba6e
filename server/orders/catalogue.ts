import type { Catalogue } from "#contracts/api/overview";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** What can be bought and by whom, for the shop page and the generator. Customers: the first 200 by name. */
export async function readCatalogue(): Promise<Catalogue> {
  const [products, customers] = await Promise.all([
    db.rows<Catalogue["products"][number]>(sql`
      SELECT p.sku, p.name, p.category, p.price_cents AS "priceCents", p.currency, coalesce(s.available, 0) AS available
        FROM products p LEFT JOIN stock s USING (sku) WHERE p.is_active ORDER BY p.category, p.name`),
    db.rows<Catalogue["customers"][number]>(sql`SELECT id, name, country FROM customers ORDER BY name LIMIT 200`),
  ]);
  return { products, customers };
}

import type { Money } from "#contracts/api/dead-letters";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** The orders behind some letters and what they are worth: each order once, per currency, test orders left out. */
export async function moneyOfLetters(
  db: Db,
  letters: readonly { id: string }[],
): Promise<{ orders: number; money: Money }> {
  const rows = await db.rows<{ currency: string; cents: number; orders: number }>(sql`
    SELECT o.currency, sum(o.total_cents)::bigint AS cents, count(*) AS orders
      FROM (SELECT DISTINCT order_id FROM dead_letters WHERE id = ANY(${letters.map(({ id }) => id)}::uuid[])) l
      JOIN orders o ON o.id = l.order_id AND NOT o.is_test
     GROUP BY o.currency ORDER BY o.currency`);
  return {
    orders: rows.reduce((sum, row) => sum + row.orders, 0),
    money: rows.map(({ currency, cents }) => ({ currency, cents })),
  };
}

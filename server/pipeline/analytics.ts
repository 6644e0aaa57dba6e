import type { OrderSummary } from "#contracts/message";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

export type CountedFact = { type: string; occurredAt: string; order: OrderSummary };

/** Adds facts to the counts per minute, type and country; test orders don't count. */
export async function countFacts(tx: Tx, facts: readonly CountedFact[]): Promise<void> {
  const counted = facts.filter(({ order }) => !order.isTest);
  if (counted.length === 0) return;
  await tx.rows(sql`
    INSERT INTO facts_per_minute AS f (minute, type, country, facts, total_cents)
    SELECT date_trunc('minute', occurred_at), type, country, count(*), sum(total_cents)::bigint
      FROM unnest(${counted.map((fact) => fact.occurredAt)}::timestamptz[], ${counted.map((fact) => fact.type)}::text[],
                  ${counted.map((fact) => fact.order.country)}::text[], ${counted.map((fact) => fact.order.totalCents)}::bigint[])
        AS t(occurred_at, type, country, total_cents)
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (minute, type, country) DO UPDATE
      SET facts = f.facts + excluded.facts, total_cents = f.total_cents + excluded.total_cents`);
}

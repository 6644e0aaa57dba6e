import type { MessageContract, Received } from "#contracts/message";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** Keeps facts as they arrived, once each. */
export async function keepFacts(
  tx: Tx,
  facts: readonly { fact: Received<MessageContract>; routingKey: string }[],
): Promise<void> {
  await tx.rows(sql`
    INSERT INTO audit_facts (fact_id, order_id, type, routing_key, occurred_at, body)
    SELECT fact_id, order_id, type, routing_key, occurred_at, body::jsonb
      FROM unnest(${facts.map(({ fact }) => fact.id)}::uuid[], ${facts.map(({ fact }) => fact.orderId)}::uuid[], ${facts.map(({ fact }) => fact.type)}::text[],
                  ${facts.map(({ routingKey }) => routingKey)}::text[], ${facts.map(({ fact }) => fact.occurredAt)}::timestamptz[],
                  ${facts.map(({ fact }) => JSON.stringify(fact))}::text[])
        AS t(fact_id, order_id, type, routing_key, occurred_at, body)
    ON CONFLICT DO NOTHING`);
}

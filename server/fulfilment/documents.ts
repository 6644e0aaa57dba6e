import type { DocumentKind } from "#contracts/vocabulary";
import type { Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/**
 * Gives each order's document its number, once: numbers are without a gap because the counter's row stays locked until
 * the transaction ends, and a document that has its number keeps it however often it is made.
 */
export async function takeNumbers(
  tx: Tx,
  kind: DocumentKind,
  orderIds: readonly string[],
): Promise<Map<string, number>> {
  await tx.rows(sql`INSERT INTO document_numbers (kind) VALUES (${kind}) ON CONFLICT DO NOTHING`);
  await tx.rows(sql`SELECT latest FROM document_numbers WHERE kind = ${kind} FOR UPDATE`);
  await tx.rows(sql`
    WITH fresh AS (SELECT o.id, row_number() OVER (ORDER BY o.id) AS place
                     FROM unnest(${[...new Set(orderIds)]}::uuid[]) AS o(id)
                    WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.order_id = o.id AND d.kind = ${kind})),
         counted AS (UPDATE document_numbers n SET latest = latest + (SELECT count(*) FROM fresh) WHERE kind = ${kind}
                     RETURNING latest - (SELECT count(*) FROM fresh) AS before)
    INSERT INTO documents (order_id, kind, number)
    SELECT fresh.id, ${kind}, counted.before + fresh.place FROM fresh, counted`);
  const rows = await tx.rows<{ orderId: string; number: number }>(sql`
    SELECT order_id AS "orderId", number FROM documents WHERE kind = ${kind} AND order_id = ANY(${orderIds}::uuid[])`);
  return new Map(rows.map((row) => [row.orderId, row.number]));
}

/** Stores the bytes of documents that have their number. */
export async function storeDocuments(
  tx: Tx,
  kind: DocumentKind,
  documents: readonly { orderId: string; content: Buffer }[],
): Promise<void> {
  await tx.rows(sql`
    UPDATE documents d SET content = t.content
      FROM unnest(${documents.map((one) => one.orderId)}::uuid[], ${documents.map((one) => one.content)}::bytea[]) AS t(order_id, content)
     WHERE d.order_id = t.order_id AND d.kind = ${kind}`);
}

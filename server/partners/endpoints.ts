import { v7 as uuidv7 } from "uuid";
import type { Db, Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { newEndpointSecret, openSecret, sealSecret } from "./endpoint-secrets.ts";

export type Endpoint = { id: string; factTypes: string[] };
export type Target = { id: string; url: string; secret: string; isActive: boolean };

/** The endpoints that get webhooks now, with the facts each wants. */
export const listActiveEndpoints = (db: Db): Promise<Endpoint[]> =>
  db.rows<Endpoint>(sql`SELECT id, fact_types AS "factTypes" FROM webhook_endpoints WHERE is_active`);

/**
 * An endpoint with its secret in the clear, for the one who signs; null when there is no such endpoint. A standing
 * redirect of its URL is followed here, once, so at every attempt.
 */
export async function findTarget(db: Db, id: string): Promise<Target | null> {
  const [row] = await db.rows<Omit<Target, "secret"> & { sealed: Buffer }>(sql`
    SELECT e.id, coalesce(r.target ->> 'url', e.url) AS url, e.secret AS sealed, e.is_active AS "isActive"
      FROM webhook_endpoints e
      LEFT JOIN redirect_rules r ON r.from_kind = 'url' AND r.from_name = e.url AND r.is_active AND r.expires_at > now()
     WHERE e.id = ${id}::uuid`);
  if (!row) return null;
  const { sealed, ...target } = row;
  return { ...target, secret: openSecret(sealed) };
}

/** Adds an endpoint. @returns its secret, for this once. */
export async function addEndpoint(
  db: Db,
  endpoint: { partner: string; url: string; factTypes: string[] },
): Promise<string> {
  const secret = newEndpointSecret();
  await db.rows(sql`
    INSERT INTO webhook_endpoints (id, partner, url, secret, fact_types)
    VALUES (${uuidv7()}::uuid, ${endpoint.partner}, ${endpoint.url}, ${sealSecret(secret)}, ${endpoint.factTypes}::text[])`);
  return secret;
}

/** The partner said 410: it wants no more. */
export async function deactivateEndpoint(db: Db, id: string): Promise<void> {
  await db.rows(sql`UPDATE webhook_endpoints SET is_active = false WHERE id = ${id}::uuid`);
}

/** Notes deliveries, once per endpoint and fact. */
export async function recordDeliveries(
  tx: Tx,
  deliveries: readonly { endpointId: string; factId: string; orderId: string; factType: string; httpStatus: number }[],
): Promise<void> {
  await tx.rows(sql`
    INSERT INTO webhook_deliveries (endpoint_id, fact_id, order_id, fact_type, http_status)
    SELECT * FROM unnest(${deliveries.map((d) => d.endpointId)}::uuid[], ${deliveries.map((d) => d.factId)}::uuid[],
                         ${deliveries.map((d) => d.orderId)}::uuid[], ${deliveries.map((d) => d.factType)}::text[], ${deliveries.map((d) => d.httpStatus)}::int[])
    ON CONFLICT DO NOTHING`);
}

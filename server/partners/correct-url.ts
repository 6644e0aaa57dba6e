import type { EndpointRow, UrlCorrection } from "#contracts/api/redirects";
import type { Operation } from "#server/platform/act";
import type { Db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { AddressRefused, guardUrl } from "./guard-address.ts";

/**
 * The partner moved: every webhook for this endpoint goes to the new URL from its next attempt on, also what waits for a
 * retry and what is replayed, because the URL is looked up when it is sent. Endpoint, secret and ids stay.
 * @throws Problem 404; 422 for a URL we may not call.
 */
export async function correctUrl(
  operation: Operation,
  endpointId: string,
  { url, reason }: UrlCorrection,
): Promise<void> {
  try {
    guardUrl(url, { allowLoopback: env().WEBHOOK_ALLOW_LOOPBACK });
  } catch (error) {
    if (error instanceof AddressRefused) throw new Problem(422, "url_not_allowed", `${error.message}.`);
    throw error;
  }
  const [before] = await operation.tx.rows<{ url: string; isActive: boolean }>(sql`
    SELECT url, is_active AS "isActive" FROM webhook_endpoints WHERE id = ${endpointId}::uuid FOR UPDATE`);
  if (!before) throw new Problem(404, "endpoint_not_found", "There is no endpoint with this id.");
  await operation.tx.rows(
    sql`UPDATE webhook_endpoints SET url = ${url}, is_active = true WHERE id = ${endpointId}::uuid`,
  );
  operation.intend({
    action: "partners:correct-url",
    subject: `endpoint:${endpointId}`,
    reason,
    before,
    after: { url, isActive: true },
  });
}

/** All endpoints with what reached them and what died on the way. */
export async function listEndpoints(db: Db): Promise<EndpointRow[]> {
  const rows = await db.rows<Omit<EndpointRow, "lastDeliveredAt"> & { lastDeliveredAt: Date | null }>(sql`
    SELECT e.id, e.partner, e.url, e.fact_types AS "factTypes", e.is_active AS "isActive",
           d.day AS "deliveredLastDay", d.latest AS "lastDeliveredAt",
           (SELECT count(*) FROM dead_letters l WHERE l.endpoint_id = e.id AND l.status IN ('dead', 'uncertain', 'quarantined')) AS "deadLetters"
      FROM webhook_endpoints e
      LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE delivered_at > now() - interval '1 day') AS day, max(delivered_at) AS latest
                           FROM webhook_deliveries WHERE endpoint_id = e.id) d ON true
     ORDER BY e.partner, e.id`);
  return rows.map((row) => ({ ...row, lastDeliveredAt: row.lastDeliveredAt?.toISOString() ?? null }));
}

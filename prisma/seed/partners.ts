import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { addEndpoint, findTarget } from "../../server/partners/endpoints.ts";

const partners = [
  { partner: "acme-fulfilment", factTypes: ["payment.captured", "shipping.created"] },
  { partner: "north-analytics", factTypes: ["payment.captured", "payment.failed"] },
  /** It moved to `webhooks-v2` and told nobody: what is sent to it dies, until an operator corrects its URL. */
  { partner: "harbor-crm", factTypes: ["payment.failed", "order.cancelled"], address: "webhooks-v2" },
];

/** Partners that listen in the sandbox. Each is told its secret at every start; endpoints that exist keep theirs. */
export async function seedPartners(db: Db, sandboxUrl: string): Promise<void> {
  for (const { partner, factTypes, address } of partners) {
    const [known] = await db.rows<{ id: string }>(sql`SELECT id FROM webhook_endpoints WHERE partner = ${partner}`);
    const url = `${sandboxUrl}/partners/${partner}/webhooks`;
    const secret = known
      ? (await findTarget(db, known.id))?.secret
      : await addEndpoint(db, { partner, url, factTypes });
    await fetch(`${sandboxUrl}/control/partners/${partner}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret, address }),
    });
  }
}

import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { addEndpoint } from "../../server/partners/endpoints.ts";

const partners = [
  { partner: "acme-fulfilment", factTypes: ["payment.captured", "shipping.created"] },
  { partner: "north-analytics", factTypes: ["payment.captured", "payment.failed"] },
];

/** Two partners that listen in the sandbox. Each learns its secret; endpoints that exist keep theirs. */
export async function seedPartners(db: Db, sandboxUrl: string): Promise<void> {
  for (const { partner, factTypes } of partners) {
    const [known] = await db.rows(sql`SELECT 1 FROM webhook_endpoints WHERE partner = ${partner}`);
    if (known) continue;
    const secret = await addEndpoint(db, { partner, url: `${sandboxUrl}/partners/${partner}/webhooks`, factTypes });
    await fetch(`${sandboxUrl}/control/partners/${partner}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret }),
    });
  }
}

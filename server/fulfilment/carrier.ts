import { z } from "zod";
import { ShippingAddress } from "#contracts/messages/orders";
import { env } from "#server/platform/env";

/** A parcel with the key that makes a repeat harmless. */
export type Parcel = { shipmentId: string; orderId: string; express: boolean; address: ShippingAddress };

export type ShipOutcome =
  | { outcome: "accepted"; carrierId: string; carrier: string; trackingNumber: string }
  | { outcome: "refused"; reason: string };

const Accepted = z.object({ id: z.string().min(1), carrier: z.string(), trackingNumber: z.string().min(1) });
/** A reason travels in events and mails: one of any length could keep them from leaving. */
const MOST_DETAIL = 500;
const Refused = z.object({
  code: z.literal("address_not_accepted"),
  detail: z.string().transform((text) => text.slice(0, MOST_DETAIL)),
});
const Tracked = z.object({
  status: z.enum(["created", "in_transit", "delivered"]),
  deliveredAt: z.iso.datetime().nullable(),
});

const TIMEOUT_MS = 5_000;

/**
 * Hands a parcel to the carrier, at most once per shipment id. Only the carrier's own "this address, never" is a refusal;
 * anything else that is not a proper yes is an error, and repeated with the same key.
 */
export async function ship({ shipmentId, orderId, express, address }: Parcel): Promise<ShipOutcome> {
  const answer = await fetch(`${env().SHIPPING_API_URL}/shipments`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": shipmentId },
    body: JSON.stringify({ orderId, express, address: ShippingAddress.parse(address) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: "error",
  });
  const body: unknown = await answer.json().catch(() => null);
  if (answer.status === 422) {
    const refused = Refused.safeParse(body);
    if (refused.success) return { outcome: "refused", reason: refused.data.detail };
  }
  const accepted = Accepted.safeParse(body);
  if (answer.status !== 201 || !accepted.success)
    throw new Error(`the carrier answered ${answer.status}, not what was asked for`);
  const { id, carrier, trackingNumber } = accepted.data;
  return { outcome: "accepted", carrierId: id, carrier, trackingNumber };
}

/** Where a parcel is. @throws when the carrier does not say. */
export async function track(carrierId: string): Promise<z.infer<typeof Tracked>> {
  const answer = await fetch(`${env().SHIPPING_API_URL}/shipments/${encodeURIComponent(carrierId)}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`the carrier answered ${answer.status}`);
  return Tracked.parse(await answer.json());
}

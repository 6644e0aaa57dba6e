import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { Faults } from "./faults.ts";
import { problem, type Routes } from "./http.ts";
import { openJournal } from "./journal.ts";

const Parcel = z.object({
  orderId: z.uuid(),
  express: z.boolean(),
  address: z.object({
    name: z.string().min(1),
    line1: z.string().min(1),
    line2: z.string().optional(),
    postalCode: z.string(),
    city: z.string().min(1),
    country: z.string().length(2),
  }),
});

type Shipment = {
  id: string;
  key: string;
  orderId: string;
  trackingNumber: string;
  carrier: string;
  createdAtMs: number;
};

/** What a postal code looks like; countries not listed take anything of 3 to 10 letters, digits, blanks and dashes. */
const postalCodes: Record<string, RegExp> = {
  AT: /^\d{4}$/,
  CZ: /^\d{3} ?\d{2}$/,
  DE: /^\d{5}$/,
  FI: /^\d{5}$/,
  FR: /^\d{5}$/,
  IT: /^\d{5}$/,
  NL: /^\d{4} ?[A-Z]{2}$/,
  PL: /^\d{2}-\d{3}$/,
  PT: /^\d{4}-\d{3}$/,
  SE: /^\d{3} ?\d{2}$/,
};
const anyPostalCode = /^[A-Za-z0-9 -]{3,10}$/;

const IN_TRANSIT_AFTER = 0.3;
/** Within what a patient caller waits for an answer. */
const SLOW_MS = 6_000;

/**
 * A carrier: takes a parcel once per Idempotency-Key, refuses for good (422) an address whose postal code can't exist in
 * its country or whose street says UNDELIVERABLE, thinks long about a street that says SLOW, and hands it over `deliveryMs`
 * later.
 */
export function createShipping(
  faults: Faults,
  options: { ledgerPath?: string; deliveryMs: number },
): { routes: Routes } {
  const journal = openJournal<Shipment>(options.ledgerPath);
  const byKey = new Map(journal.entries.map((shipment) => [shipment.key, shipment]));
  const byId = new Map(journal.entries.map((shipment) => [shipment.id, shipment]));
  const byOrder = new Map(journal.entries.map((shipment) => [shipment.orderId, shipment]));

  const show = ({ createdAtMs, key: _, ...shipment }: Shipment) => {
    const share = (Date.now() - createdAtMs) / options.deliveryMs;
    const status = share >= 1 ? "delivered" : share >= IN_TRANSIT_AFTER ? "in_transit" : "created";
    const deliveredAt = share >= 1 ? new Date(createdAtMs + options.deliveryMs).toISOString() : null;
    return { ...shipment, status, deliveredAt };
  };

  return {
    routes: {
      "POST /shipping/shipments": faults.around("shipping", async ({ request, body }) => {
        const key = request.headers["idempotency-key"];
        if (typeof key !== "string") return problem(400, "idempotency_key_missing", "send an Idempotency-Key");
        const known = byKey.get(key);
        if (known) return { status: 201, body: show(known), headers: { "idempotent-replayed": "true" } };
        const parsed = Parcel.safeParse(body);
        if (!parsed.success)
          return problem(
            422,
            "address_not_accepted",
            parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
          );
        const { orderId, express, address } = parsed.data;
        if (faults.draw("shipping").mode === "decline") return problem(422, "address_not_accepted", "told to decline");
        if (!(postalCodes[address.country] ?? anyPostalCode).test(address.postalCode))
          return problem(
            422,
            "address_not_accepted",
            `"${address.postalCode}" is no postal code of ${address.country}`,
          );
        if (address.line1.includes("UNDELIVERABLE")) return problem(422, "address_not_accepted", "nobody lives there");
        if (address.line1.includes("SLOW")) await wait(SLOW_MS);
        // Meanwhile the same parcel may have come again.
        const twin = byKey.get(key);
        if (twin) return { status: 201, body: show(twin), headers: { "idempotent-replayed": "true" } };
        const shipment: Shipment = {
          id: `shp_${randomUUID().replaceAll("-", "")}`,
          key,
          orderId,
          trackingNumber: `SB${String(randomInt(1e9, 1e10 - 1))}${address.country}`,
          carrier: express ? "Sandbox Express" : "Sandbox Parcel",
          createdAtMs: Date.now(),
        };
        journal.add(shipment);
        byKey.set(key, shipment);
        byId.set(shipment.id, shipment);
        byOrder.set(orderId, shipment);
        return { status: 201, body: show(shipment) };
      }),
      "GET /shipping/shipments": faults.around("shipping", ({ url }) => {
        const shipment = byOrder.get(url.searchParams.get("orderId") ?? "");
        return { status: 200, body: { shipments: shipment ? [show(shipment)] : [] } };
      }),
      "GET /shipping/shipments/:id": faults.around("shipping", ({ params }) => {
        const shipment = byId.get(params.id!);
        return shipment ? { status: 200, body: show(shipment) } : problem(404, "not_found", "no such shipment");
      }),
      "GET /api/ledger/shipments": () => ({
        status: 200,
        body: journal.entries.map(({ id, orderId, trackingNumber }) => ({ id, orderId, trackingNumber })),
      }),
    },
  };
}

import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { customers } from "../prisma/seed/customers.ts";

export type Load = { answered: number; failed: number; latenciesMs: number[]; seconds: number };

/** The order that both sides of the checkout benchmark place: one line, by card. */
export const benchOrder = {
  customerId: customers[0]!.id,
  lines: [{ sku: "TEA-SENCHA", quantity: 1 }],
  paymentMethod: "prepaid",
  paymentToken: "pm_card_visa",
  shippingAddress: { name: "Bench", line1: "Street 1", postalCode: "10115", city: "Berlin", country: "DE" },
};
const body = JSON.stringify(benchOrder);

/** A client of checkout with so many kept-alive connections. */
export function createShopper(url: string, apiKey: string, connections: number) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const place = async (): Promise<boolean> => {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    };
    const answer = await pool.request({ method: "POST", path: "/api/v1/orders", headers, body });
    await answer.body.dump();
    return answer.statusCode === 201;
  };
  return {
    /** As fast as the answers come: for capacity. */
    async closedLoop(seconds: number): Promise<Load> {
      const load: Load = { answered: 0, failed: 0, latenciesMs: [], seconds };
      const end = Date.now() + seconds * 1_000;
      const one = async () => {
        while (Date.now() < end) load[(await place().catch(() => false)) ? "answered" : "failed"] += 1;
      };
      await Promise.all(Array.from({ length: connections }, one));
      return load;
    },
    /** On a fixed schedule, whatever the answers do: for latency, measured from the intended moment. */
    async openLoop(ratePerSecond: number, seconds: number): Promise<Load> {
      const load: Load = { answered: 0, failed: 0, latenciesMs: [], seconds };
      const startedAt = performance.now();
      const total = Math.round(ratePerSecond * seconds);
      const pending: Promise<void>[] = [];
      for (let index = 0; index < total; index += 1) {
        const due = startedAt + (index * 1_000) / ratePerSecond;
        const early = due - performance.now();
        if (early > 1) await wait(early);
        pending.push(
          place()
            .catch(() => false)
            .then((ok) => {
              load.latenciesMs.push(performance.now() - due);
              load[ok ? "answered" : "failed"] += 1;
            }),
        );
      }
      await Promise.all(pending);
      return load;
    },
    close: () => pool.close(),
  };
}

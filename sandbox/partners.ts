import { Webhook } from "standardwebhooks";
import type { Faults } from "./faults.ts";
import { problem, type Routes } from "./http.ts";

type Received = { id: string; type: string; orderId: string; attempts: number; verified: boolean; receivedAt: string };

/**
 * Partners that receive webhooks. A delivery whose signature does not fit the partner's secret is refused; one received
 * twice is one delivery with two attempts. A partner that moved answers 404 at every address but its new one; the address
 * `old-webhooks` is gone for good (410).
 */
export function createPartners(faults: Faults): { routes: Routes } {
  const secrets = new Map<string, string>();
  /** Last part of the address a partner listens at; `webhooks` unless it moved. */
  const addresses = new Map<string, string>();
  const deliveries = new Map<string, Map<string, Received>>();

  return {
    routes: {
      "PUT /control/partners/:name": ({ params, body }) => {
        if (body.secret !== undefined) secrets.set(params.name!, String(body.secret));
        if (body.address !== undefined) addresses.set(params.name!, String(body.address));
        return { status: 204 };
      },
      "POST /partners/:name/:address": faults.around("partner", ({ params, request, raw }) => {
        const name = params.name!;
        if (params.address === "old-webhooks") return problem(410, "gone", "this address is no longer in use");
        if (params.address !== (addresses.get(name) ?? "webhooks"))
          return problem(404, "not_found", "nobody listens here");
        const id = String(request.headers["webhook-id"] ?? "");
        const secret = secrets.get(name);
        try {
          if (secret) new Webhook(secret).verify(raw.toString(), request.headers as Record<string, string>);
        } catch {
          return problem(401, "signature_wrong", "the signature does not fit");
        }
        const { type, data } = JSON.parse(raw.toString()) as { type: string; data?: { orderId?: string } };
        const mine = deliveries.get(name) ?? new Map<string, Received>();
        const attempts = (mine.get(id)?.attempts ?? 0) + 1;
        mine.set(id, {
          id,
          type,
          orderId: data?.orderId ?? "",
          attempts,
          verified: secret !== undefined,
          receivedAt: new Date().toISOString(),
        });
        deliveries.set(name, mine);
        return { status: 204 };
      }),
      "GET /api/partners/:name/deliveries": ({ params }) => ({
        status: 200,
        body: [...(deliveries.get(params.name!)?.values() ?? [])],
      }),
      "GET /api/ledger/partners": () => ({
        status: 200,
        body: [...deliveries].flatMap(([partner, received]) =>
          [...received.values()].map((one) => ({ partner, ...one })),
        ),
      }),
    },
  };
}

import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { Answer, Handler, Routes } from "./http.ts";

export const outsideSystems = ["payments", "shipping", "mail", "partner", "registry"] as const;
export type OutsideSystem = (typeof outsideSystems)[number];

/**
 * What an outside system can be told to do: `fail_after_effect` does its work and then answers 500, `timeout_after_effect`
 * does it and never answers, `garbage` answers 200 with nonsense, `down` cuts the connection.
 */
export const Fault = z.object({
  mode: z.enum([
    "ok",
    "decline",
    "hang",
    "fail500",
    "fail_after_effect",
    "timeout_after_effect",
    "garbage",
    "slow",
    "429",
    "down",
  ]),
  /** Share of requests that meet the fault, 0..1. */
  rate: z.number().min(0).max(1).default(1),
  /** Extra time of `slow`, ms. */
  slowMs: z.int().min(0).max(60_000).default(1_000),
  /** The fault heals by itself after so long, ms. */
  forMs: z.int().positive().optional(),
});
export type Fault = z.infer<typeof Fault>;

const HANG_MS = 60_000;
const healthy: Fault = { mode: "ok", rate: 1, slowMs: 0 };

export type Faults = {
  /** The fault that this very request meets. */
  draw(system: OutsideSystem): Fault;
  /** Puts a system's fault before and after its handler. */
  around(system: OutsideSystem, handler: Handler): Handler;
  reset(): void;
  routes: Routes;
};

/** The switchboard of faults. `random` gives 0..1; a test passes its own. */
export function createFaults(random: () => number = Math.random): Faults {
  const faults = new Map<OutsideSystem, Fault & { untilMs?: number }>();

  const current = (system: OutsideSystem): Fault => {
    const fault = faults.get(system);
    if (!fault || (fault.untilMs !== undefined && Date.now() > fault.untilMs)) return healthy;
    return fault;
  };
  const all = (): Answer => ({
    status: 200,
    body: Object.fromEntries(outsideSystems.map((system) => [system, current(system)])),
  });
  const draw = (system: OutsideSystem): Fault => {
    const fault = current(system);
    return random() < fault.rate ? fault : healthy;
  };

  return {
    draw,
    around: (system, handler) => async (call) => {
      const fault = draw(system);
      switch (fault.mode) {
        case "down":
          return "destroy";
        case "hang":
          await wait(HANG_MS, undefined, { ref: false });
          return "destroy";
        case "fail500":
          return { status: 500, body: { error: { type: "api_error", message: "told to fail" } } };
        case "429":
          return {
            status: 429,
            body: { error: { type: "api_error", message: "too many" } },
            headers: { "retry-after": "1" },
          };
        case "garbage":
          return { status: 200, body: "<html>not what you expected</html>" };
        case "slow":
          await wait(fault.slowMs);
          return handler(call);
        case "fail_after_effect":
          await handler(call);
          return { status: 500, body: { error: { type: "api_error", message: "told to fail after the effect" } } };
        case "timeout_after_effect":
          await handler(call);
          await wait(HANG_MS, undefined, { ref: false });
          return "destroy";
        default:
          return handler(call);
      }
    },
    reset: () => faults.clear(),
    routes: {
      "GET /control/faults": all,
      "PUT /control/faults/:system": ({ params, body }): Answer => {
        const system = z.enum(outsideSystems).parse(params.system);
        const fault = Fault.parse(body);
        faults.set(system, { ...fault, untilMs: fault.forMs && Date.now() + fault.forMs });
        return all();
      },
      "POST /control/reset": (): Answer => {
        faults.clear();
        return { status: 204 };
      },
    },
  };
}

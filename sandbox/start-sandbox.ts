import type { AddressInfo } from "node:net";
import { createFaults } from "./faults.ts";
import { createGenerator, type Shop } from "./generator.ts";
import { serve } from "./http.ts";
import { createMailCatcher } from "./mail-catcher.ts";
import { mailRoutes } from "./mail-pages.ts";
import { createPartners } from "./partners.ts";
import { createPayments } from "./payments.ts";
import { createSchemaRegistry } from "./schema-registry.ts";
import { createShipping } from "./shipping.ts";

export type SandboxOptions = {
  /** 0 = any free port. */
  port: number;
  smtpPort: number;
  /** Folder of the ledgers; without it they live in memory. */
  ledgerPath?: string;
  /** Where the generator shops; without it there is none. */
  shop?: Shop;
  /** From parcel taken to parcel handed over, ms; 60,000 unless said. */
  deliveryMs?: number;
};

export type Sandbox = { url: string; smtpUrl: string; startGenerator(): void; close(): Promise<void> };

/** Starts the outside world: payments, carrier, mail, partners, a schema registry, each with its own ledger, and the fault switchboard. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { ledgerPath, deliveryMs = 60_000 } = options;
  const faults = createFaults();
  const generator = createGenerator(options.shop);
  const catcher = createMailCatcher(faults);
  const http = serve({
    ...faults.routes,
    ...createPayments(faults, ledgerPath && `${ledgerPath}/payments.jsonl`).routes,
    ...createShipping(faults, { deliveryMs, ledgerPath: ledgerPath && `${ledgerPath}/shipments.jsonl` }).routes,
    ...createPartners(faults).routes,
    ...createSchemaRegistry(faults).routes,
    ...mailRoutes(catcher),
    ...generator.routes,
    "GET /": () => ({ status: 302, headers: { location: "/mail" } }),
    "GET /livez": () => ({ status: 200, body: { status: "ok" } }),
  });
  await listen(http, options.port);
  await listen(catcher.server, options.smtpPort);
  const { port } = http.address() as AddressInfo;
  const { port: smtpPort } = catcher.server.server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    startGenerator: generator.start,
    async close() {
      generator.stop();
      http.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => http.close(resolve)),
        new Promise<void>((resolve) => void catcher.server.close(() => resolve())),
      ]);
    },
  };
}

type Listening = {
  listen(port: number, host: string, done: () => void): unknown;
  once(event: "error", report: (error: Error) => void): unknown;
};

const listen = (server: Listening, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

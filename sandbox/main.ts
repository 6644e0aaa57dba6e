import { startSandbox } from "./start-sandbox.ts";

/* The outside world as a process: for the demo, the drills and the benchmarks. Loopback only. */

const { SANDBOX_PORT, SANDBOX_SMTP_PORT, SANDBOX_LEDGER, SANDBOX_DELIVERY_MS, PUBLIC_URL, CHECKOUT_API_KEY } =
  process.env;

const sandbox = await startSandbox({
  port: Number(SANDBOX_PORT ?? 4010),
  smtpPort: Number(SANDBOX_SMTP_PORT ?? 4025),
  ledgerPath: SANDBOX_LEDGER || undefined,
  deliveryMs: Number(SANDBOX_DELIVERY_MS || 60_000),
  shop: PUBLIC_URL && CHECKOUT_API_KEY ? { url: PUBLIC_URL, apiKey: CHECKOUT_API_KEY } : undefined,
});
process.send?.({ type: "ready", url: sandbox.url, smtpUrl: sandbox.smtpUrl });
console.log(`The sandbox listens at ${sandbox.url}, its SMTP catcher at ${sandbox.smtpUrl}.`);

const stop = () => sandbox.close().then(() => process.exit(0));
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.on("disconnect", stop);

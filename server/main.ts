import next from "next";
import { makeSignInLink } from "#server/platform/auth";
import { closeDatabase } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { createKafkaReads } from "./messaging/kafka-reads.ts";
import { provideKafkaReads } from "./messaging/kafka-reads-port.ts";
import { startServer } from "./web/start-server.ts";
import { supervise } from "./web/supervise.ts";
import { superviseWorkers } from "./web/supervise-workers.ts";

/*
 * The web process: `node server/main.ts [--no-workers]`. Serves the API, the pages and the live streams, and supervises the
 * worker process and the observer. On SIGTERM it stops taking requests, ends the streams, lets the workers drain, and exits.
 */

const { PORT, HOST, PUBLIC_URL, ADMIN_EMAIL, KAFKA_BROKERS } = env();
const runsWorkers = !process.argv.includes("--no-workers");

// Started before Next, which takes a second: they have connections of their own to open.
const workers = runsWorkers ? superviseWorkers() : undefined;
const observer = supervise({ path: "server/observer-main.ts", what: "observer" });
const kafka = createKafkaReads({ brokers: KAFKA_BROKERS, clientId: "order-pipeline-web" });
provideKafkaReads(kafka);
const app = next({ dev: false, hostname: HOST, port: PORT, quiet: true });
await app.prepare();
const server = await startServer({ port: PORT, host: HOST, next: app.getRequestHandler() });
const signInLink = await makeSignInLink(ADMIN_EMAIL, "admin");
log().info({ port: server.port, url: PUBLIC_URL }, "the dashboard is up");
process.send?.({ type: "ready", url: PUBLIC_URL, signInLink });

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await Promise.all([server.stop(), workers?.stop(), observer.stop(), kafka.close()]);
  await closeDatabase();
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
process.on("disconnect", () => void stop());
process.on("message", async (message: { type?: string; email?: string; role?: string }) => {
  if (message.type !== "sign-in-link") return;
  process.send?.({
    type: "sign-in-link",
    signInLink: await makeSignInLink(message.email ?? ADMIN_EMAIL, message.role ?? "admin"),
  });
});

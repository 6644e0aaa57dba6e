import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { buildPages } from "./build.ts";
import { stopLeftovers } from "./detached.ts";
import { localSecret } from "./local-state.ts";
import { state } from "./paths.ts";
import { prepareStores, seedDemo, seedDemoPartners } from "./prepare.ts";
import { runPlaywright, runVitest } from "./run-tests.ts";
import { findChromium } from "./services/chromium.ts";
import { startKafka } from "./services/kafka.ts";
import { findPostgres } from "./services/postgres.ts";
import { startRabbit } from "./services/rabbitmq.ts";
import { demoSettings, type Services } from "./settings.ts";
import { startStack } from "./stack.ts";
import { step } from "./steps.ts";
import { addTallies, noTests, type Tally, withFailure } from "./tally.ts";

/*
 * `npm test [-- unit | live | e2e [filter]]`: everything the tests need, then the tests. Kafka and RabbitMQ are private to the
 * run, because tests kill them; PostgreSQL is the machine's, with databases of the tests' own.
 */

const [part = "all", ...filters] = process.argv.slice(2);
const dir = join(state, "test");
const results = join(dir, "results");
const PORTS = { web: 3100, sandbox: 4110, smtp: 4125 };
const E2E_DATABASE = "order_pipeline_e2e";
const cleanups: (() => Promise<unknown>)[] = [];

let stopping: Promise<void> | undefined;

/** Ends what this run started, the last first; asked twice (Ctrl-C comes from the terminal and from npm), it does it once. */
function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const cleanup of cleanups.reverse()) await cleanup().catch((error: Error) => console.error(error.message));
  })();
  return stopping;
}
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void stopAll().then(() => process.exit(130)));

let tally = noTests;

async function main(): Promise<void> {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  if (part === "unit") {
    tally = await runVitest(["--project", "unit", ...filters], {}, results);
    return;
  }
  const needsBrowser = part === "all" || part === "e2e";
  const chromium = needsBrowser ? await step("Chromium", findChromium, (path) => path) : "";
  const postgres = await step(
    "PostgreSQL",
    () => findPostgres(),
    ({ how }) => how,
  );
  await stopLeftovers(dir);
  for (const service of ["kafka", "rabbitmq"]) rmSync(join(dir, service), { recursive: true, force: true });
  const kafka = await step(
    "Kafka of the tests",
    () => startKafka({ dir: join(dir, "kafka"), port: 29_092, heapMb: 400 }),
    ({ brokers }) => brokers.join(),
  );
  cleanups.push(() => kafka.stop());
  const rabbit = await step("RabbitMQ of the tests", () =>
    startRabbit({
      dir: join(dir, "rabbitmq"),
      port: 25_673,
      vhost: "test",
      user: "tests",
      password: localSecret("testPassword"),
    }),
  );
  cleanups.push(() => rabbit.stop());
  await step("Pages", buildPages, (how) => how);

  if (part !== "e2e") {
    const env = {
      TEST_DATABASE_URL: postgres.urlOf("postgres"),
      TEST_KAFKA_BROKERS: kafka.brokers.join(","),
      TEST_RABBITMQ_URL: rabbit.url,
    };
    const liveOnly = part === "live" ? ["--project", "live", "--project", "timed"] : [];
    tally = await runVitest([...liveOnly, ...filters], env, results);
  }
  if (!needsBrowser) return;
  const services = {
    databaseUrl: postgres.urlOf(E2E_DATABASE),
    kafkaBrokers: kafka.brokers.join(","),
    kafkaReplication: 1,
    rabbitmqUrl: rabbit.addVhost("e2e"),
  };
  await dropDatabase(postgres.urlOf("postgres"), E2E_DATABASE);
  tally = addTallies(tally, await runBrowserTests(services, rabbit.managementUrl, chromium));
}

async function dropDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.end();
}

async function runBrowserTests(services: Services, managementUrl: string, chromium: string): Promise<Tally> {
  const settings = {
    ...demoSettings(services, PORTS),
    PUBLIC_URL: `http://localhost:${PORTS.web}`,
    RABBITMQ_MANAGEMENT_URL: managementUrl,
    TOPIC_PREFIX: "e2e.",
    SANDBOX_DELIVERY_MS: "600000",
    // A webhook is given up after 8 s instead of 155.
    TIME_SCALE: "0.05",
  };
  Object.assign(process.env, settings);
  await prepareStores();
  await seedDemo();
  const stack = await step("The product, for the browser", () =>
    startStack(settings, { afterSandbox: seedDemoPartners }),
  );
  cleanups.push(() => stack.stop());
  const env = {
    CHROMIUM_PATH: chromium,
    E2E_BASE_URL: stack.url,
    E2E_SIGN_IN_LINK: stack.signInLink,
    E2E_LEAD_LINK: await stack.makeSignInLink("lead@example.test", "lead"),
    E2E_OPERATOR_LINK: await stack.makeSignInLink("operator@example.test", "operator"),
    E2E_VIEWER_LINK: await stack.makeSignInLink("viewer@example.test", "viewer"),
    E2E_LEAVER_LINK: await stack.makeSignInLink("leaver@example.test", "viewer"),
    // Journeys freeze them for a while.
    E2E_KAFKA_PID_FILE: join(dir, "kafka", "0", "pid"),
    E2E_RABBITMQ_PID_FILE: join(dir, "rabbitmq", "pid"),
    // A journey puts broken messages into its queues.
    E2E_RABBITMQ_URL: services.rabbitmqUrl,
    E2E_SANDBOX_URL: `http://127.0.0.1:${PORTS.sandbox}`,
    // A journey loses an event of it.
    E2E_DATABASE_URL: services.databaseUrl,
  };
  return runPlaywright(filters, env, results);
}

try {
  await main();
} catch (error) {
  // What was counted before stays counted.
  tally = withFailure(
    tally,
    error instanceof Error ? ((error.name === "Sentence" ? error.message : error.stack) ?? error.name) : String(error),
  );
} finally {
  await stopAll();
}
// A run that found nothing to test has proved nothing.
if (tally.passed + tally.failed === 0) tally = withFailure(tally, "no test was found");
for (const failure of tally.failures) console.error(`failed: ${failure}`);
if (tally.skipped > 0) console.log(`${tally.skipped} skipped`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);

import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { buildPages } from "./build.ts";
import { localSecret } from "./local-state.ts";
import { root, state } from "./paths.ts";
import { prepareStores, seedDemo, seedDemoPartners } from "./prepare.ts";
import { findChromium } from "./services/chromium.ts";
import { startKafka } from "./services/kafka.ts";
import { findPostgres } from "./services/postgres.ts";
import { startRabbit } from "./services/rabbitmq.ts";
import { demoSettings } from "./settings.ts";
import { startStack } from "./stack.ts";
import { step } from "./steps.ts";
import { readPlaywright, readVitest, type Tally } from "./tally.ts";

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

async function stopAll(): Promise<void> {
  for (const cleanup of cleanups.reverse().splice(0))
    await cleanup().catch((error: Error) => console.error(error.message));
}
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void stopAll().then(() => process.exit(130)));

function runTests(program: string, args: string[], env: Record<string, string>): Promise<number> {
  const child = spawn(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 1)));
}

async function runVitest(env: Record<string, string>): Promise<Tally> {
  const report = join(results, "vitest.json");
  const kind = part === "unit" ? ["--exclude", "**/*.live.test.ts"] : part === "live" ? [".live.test.ts"] : [];
  const code = await runTests(
    "vitest",
    ["run", ...kind, ...filters, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    env,
  );
  return readVitest(report, code);
}

async function runPlaywright(env: Record<string, string>): Promise<Tally> {
  const report = join(results, "playwright.json");
  const code = await runTests("playwright", ["test", "--reporter=list,json", ...filters], {
    ...env,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  return readPlaywright(report, code);
}

async function main(): Promise<Tally> {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  if (part === "unit") return runVitest({});
  const needsBrowser = part === "all" || part === "e2e";
  const chromium = needsBrowser ? await step("Chromium", findChromium, (path) => path) : "";
  const postgres = await step("PostgreSQL", findPostgres, ({ how }) => how);
  rmSync(join(dir, "kafka"), { recursive: true, force: true });
  rmSync(join(dir, "rabbitmq"), { recursive: true, force: true });
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

  let tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  const add = (more: Tally) => {
    tally = {
      passed: tally.passed + more.passed,
      failed: tally.failed + more.failed,
      skipped: tally.skipped + more.skipped,
    };
  };
  if (part !== "e2e")
    add(
      await runVitest({
        TEST_DATABASE_URL: postgres.urlOf("postgres"),
        TEST_KAFKA_BROKERS: kafka.brokers.join(","),
        TEST_RABBITMQ_URL: rabbit.url,
      }),
    );
  if (needsBrowser) add(await runBrowserTests(postgres.urlOf, kafka.brokers.join(","), rabbit.url, chromium));
  return tally;
}

async function runBrowserTests(
  urlOf: (database: string) => string,
  kafkaBrokers: string,
  rabbitmqUrl: string,
  chromium: string,
): Promise<Tally> {
  const client = new pg.Client({ connectionString: urlOf("postgres") });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${E2E_DATABASE} WITH (FORCE)`);
  await client.end();
  const services = { databaseUrl: urlOf(E2E_DATABASE), kafkaBrokers, kafkaReplication: 1, rabbitmqUrl };
  const settings = {
    ...demoSettings(services, PORTS),
    PUBLIC_URL: `http://localhost:${PORTS.web}`,
    TOPIC_PREFIX: "e2e.",
    SANDBOX_DELIVERY_MS: "600000",
  };
  Object.assign(process.env, settings);
  await prepareStores();
  await seedDemo();
  const stack = await step("The product, for the browser", () =>
    startStack(settings, { afterSandbox: seedDemoPartners }),
  );
  cleanups.push(() => stack.stop());
  return runPlaywright({
    CHROMIUM_PATH: chromium,
    E2E_BASE_URL: stack.url,
    E2E_SIGN_IN_LINK: stack.signInLink,
    E2E_VIEWER_LINK: await stack.makeSignInLink("viewer@example.test", "viewer"),
    E2E_SANDBOX_URL: `http://127.0.0.1:${PORTS.sandbox}`,
  });
}

let tally: Tally = { passed: 0, failed: 1, skipped: 0 };
try {
  tally = await main();
} catch (error) {
  console.error(error instanceof Error ? (error.name === "Sentence" ? error.message : error.stack) : error);
} finally {
  await stopAll();
}
if (tally.passed + tally.failed === 0) tally.failed = 1;
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exit(tally.failed === 0 ? 0 : 1);

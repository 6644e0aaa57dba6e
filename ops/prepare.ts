import { join } from "node:path";
import { root, state } from "./paths.ts";
import { guardAccount } from "./services/accounts.ts";
import { findKafka } from "./services/kafka.ts";
import { findPostgres } from "./services/postgres.ts";
import { findRabbit } from "./services/rabbitmq.ts";
import { demoPorts, demoSettings, type Services } from "./settings.ts";
import { step } from "./steps.ts";

/** Finds or starts the three services, each by the order of choice that the README tells. */
export async function findServices(brokers: 1 | 3, database: string): Promise<Services> {
  const postgres = await step(
    "PostgreSQL",
    () => findPostgres(),
    ({ how }) => how,
  );
  const rabbit = await step(
    "RabbitMQ",
    () => findRabbit(),
    ({ how }) => how,
  );
  const kafka = await step(
    `Kafka${brokers === 3 ? ", three brokers" : ""}`,
    () => findKafka(brokers),
    ({ how }) => how,
  );
  return {
    databaseUrl: process.env.DATABASE_URL ?? postgres.urlOf(database),
    kafkaBrokers: kafka.brokers,
    kafkaReplication: kafka.replication,
    rabbitmqUrl: rabbit.url,
  };
}

/** Brings database and topics to where the code wants them. Reads the settings from the environment. */
export async function prepareStores(): Promise<void> {
  const { env } = await import("#server/platform/env");
  const { DATABASE_URL, DATABASE_OWNER_URL = DATABASE_URL, KAFKA_BROKERS, KAFKA_REPLICATION, TOPIC_PREFIX } = env();
  const { migrate } = await import("#server/platform/migrate");
  let said = "";
  await step(
    "Migrations",
    async () => {
      const migrated = await migrate(DATABASE_OWNER_URL);
      if (DATABASE_OWNER_URL !== DATABASE_URL) {
        const { findApplication, grantApplication } = await import("#server/platform/application-role");
        const role = new URL(DATABASE_URL).username;
        const application = await findApplication(DATABASE_OWNER_URL, DATABASE_URL);
        if (application !== "ours" && application !== "missing")
          said = `; ${guardAccount("PostgreSQL", role, application, {})}`;
        await grantApplication(DATABASE_OWNER_URL, DATABASE_URL);
      }
      return migrated;
    },
    ({ applied }) => `${applied.length === 0 ? "up to date" : applied.join(", ")}${said}`,
  );
  await step("Topics", async () => {
    const { createKafka } = await import("#server/messaging/kafka");
    const { topics } = await import("#contracts/topology");
    const kafka = createKafka({ brokers: KAFKA_BROKERS, clientId: "ops", prefix: TOPIC_PREFIX, onFatal: () => {} });
    await kafka.ensureTopics(Object.values(topics), { replication: KAFKA_REPLICATION });
    await kafka.close();
  });
}

/** Goods, stock and customers of the demo. */
export async function seedDemo(): Promise<void> {
  const { db } = await import("#server/platform/db");
  const { seedShop } = await import(join(root, "prisma/seed/demo.ts"));
  await step(
    "Seed",
    () => seedShop(db),
    (seeded: { products: number; customers: number }) => `${seeded.products} products, ${seeded.customers} customers`,
  );
}

/** Partners that listen in the sandbox; it must be up. */
export async function seedDemoPartners(): Promise<void> {
  const { db } = await import("#server/platform/db");
  const { seedPartners } = await import(join(root, "prisma/seed/partners.ts"));
  await seedPartners(db, process.env.SANDBOX_URL);
}

/*
 * Run as a child of `start`: it holds what preparing needs (clients of three services, the migration engine) and is gone
 * afterwards, so that the process that stays is small. Tells its parent the settings, then waits for the sandbox.
 */
if (process.send && process.argv[1]?.endsWith("prepare.ts")) {
  const isDemo = process.argv.includes("--demo");
  const brokers = process.argv.includes("--kafka-brokers=3") ? 3 : 1;
  try {
    const settings = isDemo
      ? {
          ...demoSettings(await findServices(brokers, "order_pipeline"), demoPorts),
          // The outside world remembers what was paid and sent, as the real one would.
          SANDBOX_LEDGER: join(state, "sandbox"),
        }
      : {};
    Object.assign(process.env, settings);
    const { parseEnv } = await import("#server/platform/env");
    parseEnv(process.env);
    await prepareStores();
    if (isDemo) await seedDemo();
    process.send({ type: "settings", settings });
    if (!isDemo) process.exit(0);
    process.once("message", async () => {
      await seedDemoPartners();
      process.exit(0);
    });
  } catch (error) {
    const { name, message, stack } = error as Error;
    console.error(name === "Sentence" || name === "EnvError" ? message : stack);
    process.exit(1);
  }
}

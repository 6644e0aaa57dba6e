import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { seedShop } from "../../prisma/seed/demo.ts";
import { closeDatabase, db } from "./db.ts";
import { migrate } from "./migrate.ts";

const server = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** Settings that let `env()` parse in a test; what the test itself sets wins. */
export function testEnvironment(settings: Record<string, string> = {}): void {
  Object.assign(process.env, {
    RABBITMQ_URL: process.env.TEST_RABBITMQ_URL ?? "amqp://127.0.0.1:5672",
    KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS ?? "127.0.0.1:9092",
    TOPIC_PREFIX: `t${randomBytes(4).toString("hex")}.`,
    AUTH_SECRET: "a secret that only the tests know, 32 characters",
    CHECKOUT_API_KEY: "checkout-key-of-the-tests-0001",
    STRIPE_SECRET_KEY: "sk_test_of_the_tests",
    STRIPE_API_URL: "http://127.0.0.1:9",
    SHIPPING_API_URL: "http://127.0.0.1:9/shipping",
    SMTP_URL: "smtp://127.0.0.1:9",
    SANDBOX_URL: "http://127.0.0.1:9",
    WEBHOOK_ALLOW_LOOPBACK: "true",
    TIME_SCALE: "0.01",
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    ...settings,
  });
}

/**
 * Gives a test file a migrated, seeded database of its own and the settings to go with it, and drops it in the end.
 * Call it once, at the top of the file.
 */
export function testDatabase(settings: Record<string, string> = {}): void {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;

  beforeAll(async () => {
    testEnvironment({ DATABASE_URL: url.href, ...settings });
    await migrate(url.href);
    await seedShop(db);
  });

  afterAll(async () => {
    await closeDatabase();
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await client.end();
  });
}

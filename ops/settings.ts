import { localSecret } from "./local-state.ts";

export type Ports = { web: number; sandbox: number; smtp: number };

export const demoPorts: Ports = { web: Number(process.env.PORT || 3000), sandbox: 4010, smtp: 4025 };

export type Services = { databaseUrl: string; kafkaBrokers: string; kafkaReplication: number; rabbitmqUrl: string };

/**
 * The application works as a role of its own that can't change the audit; the one found owns the tables. Whoever sets
 * DATABASE_URL decides both.
 */
function databaseUrls(found: string): Record<string, string> {
  const { DATABASE_URL, DATABASE_OWNER_URL } = process.env;
  if (DATABASE_URL) return { DATABASE_URL, ...(DATABASE_OWNER_URL && { DATABASE_OWNER_URL }) };
  const application = new URL(found);
  application.username = "order_pipeline_app";
  application.password = localSecret("applicationPassword");
  return { DATABASE_URL: application.href, DATABASE_OWNER_URL: found };
}

/** Every setting of a demo: the services found, the sandbox for the outside world, secrets of this machine. */
export function demoSettings(services: Services, ports: Ports): Record<string, string> {
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  return {
    NODE_ENV: "production",
    ...databaseUrls(services.databaseUrl),
    KAFKA_BROKERS: services.kafkaBrokers,
    KAFKA_REPLICATION: String(services.kafkaReplication),
    RABBITMQ_URL: services.rabbitmqUrl,
    PORT: String(ports.web),
    PUBLIC_URL: process.env.PUBLIC_URL ?? `http://localhost:${ports.web}`,
    AUTH_SECRET: process.env.AUTH_SECRET ?? localSecret("authSecret"),
    CHECKOUT_API_KEY: process.env.CHECKOUT_API_KEY ?? localSecret("checkoutApiKey"),
    STRIPE_SECRET_KEY: "sk_test_of_the_sandbox",
    STRIPE_API_URL: sandbox,
    SHIPPING_API_URL: `${sandbox}/shipping`,
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    SANDBOX_URL: sandbox,
    SANDBOX_PORT: String(ports.sandbox),
    SANDBOX_SMTP_PORT: String(ports.smtp),
    WEBHOOK_ALLOW_LOOPBACK: "true",
    LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
  };
}

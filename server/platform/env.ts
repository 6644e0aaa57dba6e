import { z } from "zod";

const url = (protocols: string[]) =>
  z
    .url({ error: `must be a URL starting with ${protocols.map((one) => `${one}://`).join(" or ")}` })
    .refine((value) => protocols.includes(new URL(value).protocol.slice(0, -1)), {
      error: `must start with ${protocols.map((one) => `${one}://`).join(" or ")}`,
    });

const Env = z
  .object({
    NODE_ENV: z.enum(["development", "test", "production"]).default("production"),
    DATABASE_URL: url(["postgres", "postgresql"]),
    /** The role that owns the tables, for migrations; unset = that of DATABASE_URL. */
    DATABASE_OWNER_URL: url(["postgres", "postgresql"]).optional(),
    KAFKA_BROKERS: z
      .string()
      .default("127.0.0.1:9092")
      .transform((list) => list.split(",").map((broker) => broker.trim()))
      .refine((brokers) => brokers.every((broker) => /^[^:\s]+:\d+$/.test(broker)), {
        error: "must be host:port, comma separated",
      }),
    /** 1, or 3 for the three-broker profile (min in-sync 2). */
    KAFKA_REPLICATION: z.coerce.number().int().min(1).max(3).default(1),
    /** Put before every topic and consumer group; for tests that share a broker. */
    TOPIC_PREFIX: z
      .string()
      .regex(/^[a-z0-9.-]*$/, { error: "may hold a-z, 0-9, dot and dash" })
      .default(""),
    RABBITMQ_URL: url(["amqp", "amqps"]),
    /** Confluent's Schema Registry, or one that speaks its protocol; a name and a password may stand in it. Unset = none. */
    SCHEMA_REGISTRY_URL: url(["http", "https"]).optional(),
    /** Where RabbitMQ's management API answers; unset = port 15672 of RABBITMQ_URL's host, if it does. */
    RABBITMQ_MANAGEMENT_URL: url(["http", "https"]).optional(),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    /** The address to listen on; 0.0.0.0 behind a proxy of your own. */
    HOST: z.string().default("127.0.0.1"),
    /** Proxies of our own that a request comes through, each of which adds to X-Forwarded-For; 0 = that header is nobody's word. */
    TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0),
    PUBLIC_URL: url(["http", "https"]).default("http://localhost:3000"),
    AUTH_SECRET: z.string().min(32, { error: "must have at least 32 characters: `openssl rand -base64 32` makes one" }),
    /** Bearer key of the storefront; it may read the catalogue and place orders, nothing else. */
    CHECKOUT_API_KEY: z.string().min(24, { error: "must have at least 24 characters" }),
    ADMIN_EMAIL: z.email().default("admin@example.test"),
    STRIPE_SECRET_KEY: z.string().min(1, { error: "is the secret key of your Stripe account, sk_…" }),
    /** Unset = api.stripe.com. */
    STRIPE_API_URL: url(["http", "https"]).optional(),
    SHIPPING_API_URL: url(["http", "https"]),
    SMTP_URL: url(["smtp", "smtps"]),
    MAIL_FROM: z.email().default("orders@example.test"),
    /** Set by the demo: where the sandbox of outside systems listens. */
    SANDBOX_URL: url(["http", "https"]).optional(),
    /** Partner webhooks may go to this machine; refused without the sandbox. */
    WEBHOOK_ALLOW_LOOPBACK: z.stringbool().default(false),
    /** Multiplies every retry and deadline delay: 1 in earnest, less in tests and drills. */
    TIME_SCALE: z.coerce.number().min(0.001).max(1).default(1),
    /** How long an order may take to its parcel before the saga undoes it, ms. */
    ORDER_DEADLINE_MS: z.coerce
      .number()
      .int()
      .positive()
      .default(2 * 3_600_000),
    /** For crash tests only: the process kills itself when it comes to this point (server/platform/crash-point.ts). */
    CRASH_AT: z.string().optional(),
    LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  })
  .refine((env) => !env.WEBHOOK_ALLOW_LOOPBACK || env.SANDBOX_URL, {
    error: "is for the demo only: unset it, or set SANDBOX_URL",
    path: ["WEBHOOK_ALLOW_LOOPBACK"],
  });

export type Env = z.infer<typeof Env>;

/** Every variable there is; .env.example explains each. */
export const envNames: readonly string[] = Object.keys(Env.shape);

/** The settings are not usable; the message lists every fault, one a line. */
export class EnvError extends Error {
  override name = "EnvError";
}

/**
 * Parses the whole environment at once. An empty value counts as unset.
 * @throws EnvError naming every variable that is missing or wrong.
 */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = Env.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message, code }) => {
    const name = path.join(".");
    return `  ${name} ${code === "invalid_type" && set[name] === undefined ? "is not set" : message}`;
  });
  throw new EnvError(`These settings need a hand (see .env.example):\n${faults.join("\n")}`);
}

let parsed: Env | undefined;

/** The process's settings, parsed on first use. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

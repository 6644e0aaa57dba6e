import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{server,workers,app,prisma,sandbox,ops,bench,proof}/**/*.test.{ts,tsx}"],
    exclude: ["e2e/**/*.spec.ts", "node_modules/**"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A condition is awaited until the test's own patience ends: what has to be quick says how quick in the test.
    expect: { poll: { timeout: 20_000 } },
    // Live tests share one Kafka, one RabbitMQ and one PostgreSQL on two cores: files run two at a time.
    maxWorkers: 2,
    retry: 0,
  },
});

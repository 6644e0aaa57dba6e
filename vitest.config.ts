import { defineConfig } from "vitest/config";

const files = (ending: string) => `{server,workers,app,prisma,sandbox,ops,bench,proof}/**/${ending}`;

/**
 * Live tests that hold the product to times which an operator feels. They run one after the other when all others are done: on
 * two cores a neighbour that kills a broker would make them late, and the product would be blamed.
 */
const timed = [
  "server/dead-letters/collect-rate.live.test.ts",
  "server/dead-letters/replays-on-brokers.live.test.ts",
  "server/messaging/rabbit-observe.live.test.ts",
  "server/pipeline/observe-sampler.live.test.ts",
  "server/pipeline/pause-worker.live.test.ts",
  "server/pipeline/topics.live.test.ts",
  "server/web/checkout.live.test.ts",
  "server/web/letter-frames.live.test.ts",
  "server/web/live.live.test.ts",
  "server/web/observed-frames.live.test.ts",
  "server/web/supervise-workers.live.test.ts",
];

/** Live tests share one Kafka, one RabbitMQ and one PostgreSQL on two cores: files run two at a time. */
const sideBySide = { maxWorkers: 2, sequence: { groupOrder: 0 } };
const oneByOne = { maxWorkers: 1, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A condition is awaited until the test's own patience ends: what has to be quick says how quick in the test.
    expect: { poll: { timeout: 20_000 } },
    retry: 0,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: [files("!(*.live).test.{ts,tsx}")], ...sideBySide },
      },
      {
        extends: true,
        test: { name: "live", include: [files("*.live.test.ts")], exclude: timed, ...sideBySide },
      },
      {
        extends: true,
        test: { name: "timed", include: timed, ...oneByOne },
      },
    ],
  },
});

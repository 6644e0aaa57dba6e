import { expect, test } from "vitest";
import { isLost } from "./suspect-jobs.ts";

const job = { worker: "send-email", messageId: "m", queue: "email", about: "order_shipped", askedMs: 1_000_000 };
const done = (kind: string, askedMs: number) => new Map([[kind, askedMs]]);

test.each([
  ["its queues are empty", { inLine: 0, aside: 0 }, new Map(), true],
  ["others are in line and nobody knows which", { inLine: 3, aside: 0 }, new Map(), false],
  ["something waits for a retry", { inLine: 0, aside: 1 }, new Map(), false],
  ["RabbitMQ does not answer", null, new Map(), false],
  ["a later one of its kind is done", { inLine: 3, aside: 0 }, done("send-email/order_shipped", 1_030_000), true],
  [
    "one asked for at about the same time is done",
    { inLine: 3, aside: 0 },
    done("send-email/order_shipped", 1_005_000),
    false,
  ],
  [
    "a later one of a higher priority is done",
    { inLine: 3, aside: 0 },
    done("send-email/order_confirmed", 1_030_000),
    false,
  ],
  [
    "a later one is done and something waits for a retry",
    { inLine: 3, aside: 2 },
    done("send-email/order_shipped", 1_030_000),
    false,
  ],
])("a job that was asked for is called lost or not when %s", (_, depth, newestDone, expected) => {
  expect(isLost(job, depth, newestDone)).toBe(expected);
});

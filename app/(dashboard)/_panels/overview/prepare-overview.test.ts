import { describe, expect, test } from "vitest";
import type { Overview } from "#contracts/api/overview";
import { prepareHealth, prepareTiles } from "./prepare-overview.ts";

const healthy: Overview = {
  at: "2026-11-21T10:00:00.000Z",
  counts: { placed: 1, paid: 2, reserved: 3, shipped: 40, delivered: 10, payment_failed: 2, cancelled: 1 },
  placedPerMinute: [
    { minute: "2026-11-21T09:58:00.000Z", placed: 30, ended: 0 },
    { minute: "2026-11-21T09:59:00.000Z", placed: 28, ended: 1 },
    { minute: "2026-11-21T10:00:00.000Z", placed: 1, ended: 0 },
  ],
  newest: [],
  outbox: { unsent: 0, oldestMs: null },
  oldestOpenMs: 2_400,
  stuck: 0,
  waitingRetries: 0,
  workers: { isRunning: true, restarts: 0 },
};

describe("the sentence on health", () => {
  test.each<[string, Partial<Overview>, string]>([
    ["all is well", {}, "All orders move: 59 placed in the last hour, the oldest open one is 2.4 s old."],
    ["no worker runs", { workers: { isRunning: false, restarts: 1 } }, "The workers are not running"],
    [
      "Kafka is away",
      { outbox: { unsent: 12, oldestMs: 65_000 } },
      "Kafka does not take events: 12 wait, the oldest for 65 s.",
    ],
    ["one order is stuck", { stuck: 1 }, "1 order is stuck"],
    ["a provider is away", { waitingRetries: 3 }, "3 messages wait for another attempt"],
    ["orders are slow", { oldestOpenMs: 600_000 }, "Orders move slowly: the oldest open one waits for 10 min."],
  ])("when %s", (_, change, sentence) => {
    expect(prepareHealth({ ...healthy, ...change }).sentence).toContain(sentence);
  });

  test("the worst news wins", () => {
    expect(prepareHealth({ ...healthy, stuck: 1, workers: { isRunning: false, restarts: 0 } }).sentence).toContain(
      "workers",
    );
  });
});

test("the rate is that of the last full minute, not of the one just begun", () => {
  expect(prepareTiles(healthy)[0]).toMatchObject({ value: "28" });
});

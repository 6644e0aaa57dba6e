import { describe, expect, test } from "vitest";
import type { Overview } from "#contracts/api/overview";
import { prepareHeadline, prepareHealth, prepareTiles } from "./prepare-overview.ts";

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
  missing: 0,
  waitingRetries: 0,
  oldest: { stuck: null, retrying: null, open: null },
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
    ["the reconciler misses something", { missing: 2, stuck: 1 }, "2 orders miss an event, a job or the next step"],
    ["a provider is away", { waitingRetries: 3 }, "3 messages wait for another attempt"],
    ["orders are slow", { oldestOpenMs: 600_000 }, "Orders move slowly: the oldest open one waits for 10 min."],
  ])("when %s", (_, change, sentence) => {
    expect(prepareHealth({ ...healthy, ...change }).sentence).toContain(sentence);
  });

  test("leads to the order that it is about, the oldest of several", () => {
    const oldest = { stuck: "1", retrying: "2", open: "3" };
    const leadsTo = (change: Partial<Overview>) => prepareHealth({ ...healthy, oldest, ...change }).link?.href;
    expect(leadsTo({ stuck: 2 })).toBe("/orders/1");
    expect(leadsTo({ waitingRetries: 1 })).toBe("/orders/2");
    expect(leadsTo({ oldestOpenMs: 600_000 })).toBe("/orders/3");
    expect(leadsTo({})).toBeUndefined();
  });

  test("the worst news wins", () => {
    expect(prepareHealth({ ...healthy, stuck: 1, workers: { isRunning: false, restarts: 1 } }).sentence).toContain(
      "workers",
    );
  });

  test("says nothing of workers that run in processes of their own", () => {
    const elsewhere = { ...healthy, workers: { isRunning: false, restarts: 0 } };
    expect(prepareHealth(elsewhere).sentence).toContain("All orders move");
    expect(prepareHealth({ ...elsewhere, stuck: 1 }).sentence).toContain("1 order is stuck");
  });
});

describe("the headline", () => {
  const href = "/consumers/create-shipment";
  const link = { href, label: "Look there" };
  const dead = { status: "bad", sentence: "create-shipment has stopped.", href } as const;

  test("is what the brokers say, where that is the worse news", () => {
    expect(prepareHeadline(healthy, dead)).toEqual({ tone: "bad", sentence: "create-shipment has stopped.", link });
    expect(prepareHeadline({ ...healthy, stuck: 1 }, dead).sentence).toContain("1 order is stuck");
  });

  test("is what the orders say, while the brokers were not observed or are well", () => {
    expect(prepareHeadline(healthy, undefined).sentence).toContain("All orders move");
    expect(prepareHeadline(healthy, { status: "ok", sentence: "All is well.", href: null }).sentence).toContain(
      "All orders move",
    );
  });

  test("tells of a pause or a backlog, unless orders suffer", () => {
    const busy = { status: "busy", sentence: "reserve-stock is paused.", href } as const;
    expect(prepareHeadline(healthy, busy)).toEqual({ tone: "progress", sentence: "reserve-stock is paused.", link });
    expect(prepareHeadline({ ...healthy, waitingRetries: 3 }, busy).sentence).toContain("3 messages wait");
  });

  test("never calls well what nobody could look at", () => {
    expect(prepareHeadline(healthy, { status: "unknown", sentence: "Kafka does not answer.", href: null }).tone).toBe(
      "warn",
    );
  });
});

test("the rate is that of the last full minute, not of the one just begun", () => {
  expect(prepareTiles(healthy)[0]).toMatchObject({ value: "28" });
});

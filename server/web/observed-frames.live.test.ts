import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Consumers, type Known, PipelineMap, Queues } from "#contracts/api/operations";
import { storeSample } from "#server/pipeline/observe-sample";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { testDatabase } from "#server/platform/test-database";
import { signInAs } from "#server/platform/test-sign-in";
import { readFrames } from "./live-test-stage.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import { workersState } from "./workers-state.ts";

testDatabase();

let server: RunningServer;
beforeAll(async () => {
  const next = async (_: unknown, response: ServerResponse) => void response.writeHead(404).end();
  server = await startServer({ port: 0, host: "127.0.0.1", next });
});
afterAll(() => server.stop());

const up = { isUp: true, since: new Date().toISOString(), reason: null };
const known: Known = { kafka: up, rabbitmq: up, queueSource: "amqp" };

/** Stores what an observer would have seen: create-shipment behind by `lag` on one of two partitions. */
async function observe(lag: number, members = 1) {
  const group = {
    ...{
      group: `${env().TOPIC_PREFIX}create-shipment`,
      topic: `${env().TOPIC_PREFIX}order.events`,
      state: "Stable",
      members,
    },
    ...{ committed: ["10", "7"], starts: ["0", "0"], ends: [String(10 + lag), "7"], owners: ["w@1", "w@1"] },
    firstUnreadMs: [lag > 0 ? Date.now() - 5_000 : null, null],
  };
  const counters = { placed: 0, shipped: 0, deaths: 0, latencyMs: null, outboxId: 0 };
  await storeSample(db, {
    at: new Date(),
    figures: { known, lag, depth: 0, ...counters, now: { groups: [group] } },
    groups: [group],
    queues: [],
  });
}

/** Reads a stream until a frame of this channel holds. */
async function watch() {
  const stream = await readFrames(server.port, await signInAs("looker@example.com"), "consumers,queues,map");
  return async <Shape>(name: string, schema: { parse(value: unknown): Shape }, holds: (shape: Shape) => boolean) => {
    const { data } = await stream.until(
      ({ channel, kind, data }) => channel === name && kind === "snapshot" && holds(schema.parse(data)),
    );
    return schema.parse(data);
  };
}

const shipping = ({ groups }: Consumers) => groups.find(({ worker }) => worker === "create-shipment");

test("A5: what was observed reaches the browser within 3 s, without a reload", async () => {
  const until = await watch();
  await until("map", PipelineMap, ({ health }) => health.status === "unknown");
  await observe(0);
  await until("consumers", Consumers, (consumers) => shipping(consumers)?.lag === 0);
  const changedMs = performance.now();
  await observe(41);
  const behind = await until("consumers", Consumers, (consumers) => shipping(consumers)?.lag === 41);
  expect(performance.now() - changedMs).toBeLessThan(3_000);
  expect(shipping(behind)).toMatchObject({
    worker: "create-shipment",
    lag: 41,
    inWords: "No order waits for shipping.",
  });
  expect(shipping(behind)!.timeLagMs! / 1_000).toBeCloseTo(5, 0);
  const queues = await watch();
  await queues("queues", Queues, ({ families }) => families.length === 6);
});

test("A8: workers that died are red on the map at once, long before Kafka misses them", async () => {
  const until = await watch();
  await observe(3);
  await until("map", PipelineMap, ({ nodes }) =>
    nodes.some(({ id, status }) => id === "worker:create-shipment" && status !== "bad"),
  );
  onTestFinished(() => void Object.assign(workersState(), { isRunning: false, restarts: 0 }));
  const diedMs = performance.now();
  Object.assign(workersState(), { isRunning: false, restarts: 1 });
  const { nodes, health } = await until("map", PipelineMap, (map) => map.health.status === "bad");
  expect(performance.now() - diedMs).toBeLessThan(10_000);
  expect(nodes.filter(({ kind, status }) => kind === "worker" && status === "bad")).toHaveLength(12);
  expect(health.sentence).toBe("12 workers do not run.");
});

test("A8: a group that lost its members is red, and says so", async () => {
  const until = await watch();
  await observe(12, 0);
  const shipping = ({ nodes }: PipelineMap) => nodes.find(({ id }) => id === "worker:create-shipment")!;
  const map = await until("map", PipelineMap, (map) => shipping(map).detail === "not running, lag 12");
  expect(shipping(map)).toMatchObject({ status: "bad", href: `/consumers/${env().TOPIC_PREFIX}create-shipment` });
  expect(map.edges.find(({ to }) => to === "worker:create-shipment")).toMatchObject({ waiting: 12, status: "bad" });
  expect(map.nodes.every(({ href }) => href.startsWith("/"))).toBe(true);
});

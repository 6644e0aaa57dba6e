import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { topics } from "#contracts/topology";
import { createKafka } from "#server/messaging/kafka";
import { rabbitTestBroker } from "#server/messaging/rabbit-test-broker";
import { testDatabase } from "#server/platform/test-database";
import { superviseWorkers } from "./supervise-workers.ts";
import { workersState } from "./workers-state.ts";

const rabbit = rabbitTestBroker();
testDatabase();

let workers: ReturnType<typeof superviseWorkers>;

beforeAll(async () => {
  process.env.RABBITMQ_URL = (await rabbit.node().vhost()).url;
  const { KAFKA_BROKERS, TOPIC_PREFIX } = process.env;
  const brokers = KAFKA_BROKERS!.split(",");
  const kafka = createKafka({ brokers, clientId: "tests", prefix: TOPIC_PREFIX!, onFatal() {} });
  await kafka.ensureTopics(Object.values(topics), { replication: 1 });
  await kafka.close();
  workers = superviseWorkers();
});
afterAll(() => workers?.stop());

/** The worker processes that are children of this one. */
function children(): number[] {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  return processes.flatMap((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && command.join(" ").includes("workers/main.ts") ? [Number(pid)] : [];
  });
}

const untilRunning = (timeout: number) =>
  expect.poll(() => workersState().isRunning, { interval: 20, timeout }).toBe(true);

test("a worker process that is killed is started again within 5 s, and is ready when Kafka gives up the dead one", {
  timeout: 90_000,
}, async () => {
  await untilRunning(20_000);
  const [killed, ...others] = children();
  expect(others).toEqual([]);
  process.kill(killed!, "SIGKILL");
  await expect.poll(() => workersState(), { interval: 5 }).toEqual({ isRunning: false, restarts: 1 });
  await expect.poll(() => children().filter((pid) => pid !== killed), { timeout: 5_000 }).toHaveLength(1);
  // A dead member keeps its place in its groups for a session, 8 s: so long the new one waits to join.
  await untilRunning(18_000);
  expect(children()).toHaveLength(1);
  expect(workersState().restarts).toBe(1);
});

test("stopping ends the worker process within 10 s, for good", async () => {
  expect(children()).toHaveLength(1);
  const startedAt = performance.now();
  await workers.stop();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(children()).toEqual([]);
  expect(workersState()).toEqual({ isRunning: false, restarts: 1 });
  await workers.stop();
});

test("stopping between a death and the new start leaves no process behind", async () => {
  const { restarts } = workersState();
  const others = superviseWorkers();
  const [pid] = children();
  process.kill(pid!, "SIGKILL");
  await expect.poll(() => workersState().restarts, { interval: 5 }).toBe(restarts + 1);
  const waiting = new Promise((resolve) => setTimeout(resolve, 1_000));
  await others.stop();
  // Longer than the wait before a first new start.
  await waiting;
  expect(children()).toEqual([]);
});

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { CheckoutRequest } from "#contracts/api/checkout";
import { topics } from "#contracts/topology";
import { root, state } from "#ops/paths";
import { startKafka } from "#ops/services/kafka";
import { startRabbit } from "#ops/services/rabbitmq";
import { makeOrder } from "#sandbox/generator";
import { startSandbox } from "#sandbox/start-sandbox";
import { createKafka } from "#server/messaging/kafka";
import { readCatalogue } from "#server/orders/catalogue";
import { placeOrder } from "#server/orders/place-order";
import { testDatabase } from "#server/platform/test-database";
import { workers } from "#workers";
import { checkInvariants } from "./check-invariants.ts";
import { readLedgers } from "./read-ledgers.ts";

/*
 * The product's promise under fire: 500 orders while worker processes, Kafka and RabbitMQ are killed with kill -9. Both
 * brokers are this test's own, so that nobody else is hit. Judged by the outside systems' own books.
 */

const ORDERS = 500;
const QUIET_MS = 150_000;
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 100_000);

const dir = join(state, "crash");
const [kafka, rabbit, sandbox] = await Promise.all([
  startKafka({ dir: join(dir, "kafka"), port: 31_092, heapMb: 320 }),
  startRabbit({ dir: join(dir, "rabbitmq"), port: 25_773, vhost: "crash", user: "crash", password: "crash" }),
  startSandbox({ port: 0, smtpPort: 0, deliveryMs: 600_000 }),
]);
testDatabase({
  KAFKA_BROKERS: kafka.brokers.join(","),
  RABBITMQ_URL: rabbit.url,
  SANDBOX_URL: sandbox.url,
  STRIPE_API_URL: sandbox.url,
  SHIPPING_API_URL: `${sandbox.url}/shipping`,
  SMTP_URL: sandbox.smtpUrl,
  TIME_SCALE: "0.02",
});
afterAll(async () => {
  await Promise.all([kafka.stop(), rabbit.stop(), sandbox.close()]);
});

/** mulberry32: the same seed kills the same processes in the same order. */
function random(seed: number): () => number {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A worker process that comes back whenever it is killed. */
function supervise(names: readonly string[]) {
  let child: ChildProcess | undefined;
  let isOver = false;
  const start = () => {
    child = fork(join(root, "workers/main.ts"), [...names], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.once("exit", () => !isOver && setTimeout(start, 300));
  };
  start();
  return {
    kill: () => child?.kill("SIGKILL"),
    async stop() {
      isOver = true;
      const ended = new Promise((resolve) => child?.once("exit", resolve));
      child?.kill("SIGTERM");
      await ended;
    },
  };
}

test(`500 orders survive kill -9 of workers, Kafka and RabbitMQ (CRASH_SEED=${SEED})`, {
  timeout: 300_000,
}, async () => {
  const admin = createKafka({
    brokers: kafka.brokers,
    clientId: "crash",
    prefix: process.env.TOPIC_PREFIX!,
    onFatal() {},
  });
  await admin.ensureTopics(Object.values(topics), { replication: 1 });
  await admin.close();
  const names = workers.map((worker) => worker.name);
  const processes = [supervise(names.slice(0, 3)), supervise(names.slice(3, 6)), supervise(names.slice(6))];
  const draw = random(SEED);

  let isPlacing = true;
  let kills = 0;
  const killWorkers = async () => {
    while (isPlacing) {
      await wait(800 + draw() * 1_500);
      processes[Math.floor(draw() * processes.length)]!.kill();
      kills += 1;
    }
  };
  const killBrokers = async () => {
    await wait(5_000);
    await kafka.kill();
    await wait(2_000);
    await kafka.restart();
    await rabbit.kill();
    await wait(1_000);
    await rabbit.restart();
  };
  const accepted: string[] = [];
  const catalogue = await readCatalogue();
  const place = async () => {
    for (let index = 0; index < ORDERS; index += 1) {
      const order = CheckoutRequest.parse(makeOrder(catalogue));
      const { reply } = await placeOrder(order, { caller: "crash", idempotencyKey: `${SEED}-${index}` });
      accepted.push(reply.orderId);
      await wait(40);
    }
  };
  const killing = killWorkers();
  await Promise.all([place(), killBrokers()]);
  isPlacing = false;
  await killing;

  const judge = async () => checkInvariants(await readLedgers(sandbox.url, accepted));
  await expect.poll(judge, { timeout: QUIET_MS, interval: 2_000 }).toEqual([]);
  // Quiet must stay quiet: nothing that was still under way may undo it.
  await wait(2_000);
  expect(await judge()).toEqual([]);
  expect(accepted).toHaveLength(ORDERS);
  expect(kills).toBeGreaterThan(5);
  await Promise.all(processes.map((one) => one.stop()));
});

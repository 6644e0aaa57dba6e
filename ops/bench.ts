import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { cpuByPart, sharesOfCore } from "../bench/cpu-by-part.ts";
import { benchEventToPixel } from "../bench/event-to-pixel.ts";
import type { House } from "../bench/house.ts";
import { benchList } from "../bench/list.ts";
import { createShopper } from "../bench/load.ts";
import { naiveRate } from "../bench/naive-peer.ts";
import { benchHeap, benchPage } from "../bench/page.ts";
import { pgbenchRate } from "../bench/pgbench-peer.ts";
import { cpuSeconds, familyOf, median, percentile, residentBytes } from "../bench/process-figures.ts";
import { judge, type Metric, print } from "../bench/report.ts";
import { benchViewerCost } from "../bench/viewer-cost.ts";
import { buildPages } from "./build.ts";
import { deleteTopics, deleteVhost } from "./empty-brokers.ts";
import { root, state } from "./paths.ts";
import { findServices, prepareStores, seedDemo, seedDemoPartners } from "./prepare.ts";
import { stopOwnKafka } from "./services/kafka.ts";
import { stopOwnPostgres } from "./services/postgres.ts";
import { findRabbit, startRabbit, stopOwnRabbit } from "./services/rabbitmq.ts";
import { demoSettings } from "./settings.ts";
import { listens } from "./shell.ts";
import { startStack } from "./stack.ts";

/*
 * `npm run bench [-- --json] [-- --only=checkout,latency,pipeline,naive,idle,replay,pixel,viewers,list,page,heap] [-- --rates=200,160] [-- --profile=<folder>]`:
 * the product against its peers on the same machine in the same run. Ratios are what counts; absolute figures belong to the
 * machine. docs/bench.md says how long each part takes.
 */

const DATABASE = "order_pipeline_bench";
const PORTS = { web: 3200, sandbox: 4210, smtp: 4225 };
const ROUNDS = 5;
const ROUND_S = 4;
const FLASH_SALE_PER_S = 2_000 / 60;
const GOAL_PER_S = 333;
/** Tried in turn: the first one at which nothing piles up is what the pipeline sustains. */
const OFFERED_PER_S = listOf("rates")?.map(Number) ?? [GOAL_PER_S, 250, 200, 160];
/** Received, confirmed, shipped. */
const MAILS_PER_ORDER = 3;
const MIB = 1_048_576;
const REPLAYED = 10_000;
const REPLAY_BROKER = { port: 26_673, vhost: "bench", user: "bench", password: "only on this machine" };
const eventWorkers = [
  "charge-payment",
  "reserve-stock",
  "create-shipment",
  "order-saga",
  "dispatch-tasks",
  "project-orders",
];

const asJson = process.argv.includes("--json");
const only = listOf("only");
/** A folder for the CPU profile of the pipeline's workers. */
const profile = listOf("profile")?.[0];
function listOf(option: string): string[] | undefined {
  const prefix = `--${option}=`;
  return process.argv
    .find((arg) => arg.startsWith(prefix))
    ?.slice(prefix.length)
    .split(",");
}
const wants = (part: string) => only === undefined || only.includes(part);
const say = (sentence: string) => console.error(sentence);
const metrics: Metric[] = [];
const add = (metric: Metric) => {
  metrics.push(metric);
  print(metric, asJson);
};

// What the steps print is for people: the measured lines alone go to standard output.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as never;
/** What ran before us stays; what we start ends with us. */
const had = { kafka: await listens(9092), rabbitmq: await listens(5672), postgres: await listens(5432) };
const services = await findServices(1, DATABASE);
const ownsRabbit = !process.env.RABBITMQ_URL;
await emptyBenchBrokers();
const rabbit = await findRabbit(DATABASE);
const admin = new pg.Client({ connectionString: services.databaseUrl.replace(`/${DATABASE}`, "/postgres") });
await admin.connect();
await dropDatabase();
const settings: Record<string, string> = {
  ...demoSettings({ ...services, rabbitmqUrl: rabbit.url }, PORTS),
  PUBLIC_URL: `http://localhost:${PORTS.web}`,
  TOPIC_PREFIX: `bench${Date.now() % 100_000}.`,
  SANDBOX_DELIVERY_MS: "86400000",
};
Object.assign(process.env, settings);
await prepareStores();
await seedDemo();
if (!only || only.some((part) => part !== "replay")) buildPages();
process.stdout.write = write;

const pool = new pg.Pool({ connectionString: services.databaseUrl, max: 2 });
const count = async (statement: string) => Number((await pool.query(statement)).rows[0].count);
const shopperOf = (connections: number) =>
  createShopper(`http://127.0.0.1:${PORTS.web}`, settings.CHECKOUT_API_KEY ?? "", connections);
const start = (serverArgs: string[]) => startStack(settings, { serverArgs, afterSandbox: seedDemoPartners, output: 2 });

const screens: Record<string, (house: House) => Promise<void>> = {
  pixel: benchEventToPixel,
  viewers: benchViewerCost,
  list: benchList,
  page: benchPage,
  heap: benchHeap,
};
let hasFailed = false;
try {
  if (wants("checkout")) await benchCheckout();
  if (wants("latency") || wants("idle")) await benchWithWorkers();
  if (wants("pipeline") || wants("naive")) await benchPipeline();
  if (wants("replay")) await benchReplays();
  for (const [part, bench] of Object.entries(screens)) if (wants(part)) await measure(part, bench);
} catch (error) {
  console.error(error);
  await leaveNothing();
  process.exit(1);
}
await leaveNothing();
process.exit(!hasFailed && metrics.every(({ passed }) => passed) ? 0 : 1);

/** A part that fails does not take the next ones with it. */
async function measure(part: string, bench: (house: House) => Promise<void>): Promise<void> {
  try {
    await bench({ url: settings.PUBLIC_URL!, start, pool, shopperOf, add, say });
  } catch (error) {
    hasFailed = true;
    console.error(`${part} has no figure:`, error);
  }
}

/** What an earlier run left would be worked on in this one: its jobs have no takers in the pipeline's part. */
async function emptyBenchBrokers(): Promise<void> {
  if (ownsRabbit) deleteVhost(DATABASE);
  await deleteTopics((name) => /^bench\d+\./.test(name));
}

async function dropDatabase(): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
}

/** Neither data nor services that were not there before. */
async function leaveNothing(): Promise<void> {
  const { closeDatabase } = await import("#server/platform/db");
  await Promise.all([pool.end(), closeDatabase()]);
  await emptyBenchBrokers();
  await dropDatabase();
  await admin.end();
  if (!had.kafka) await stopOwnKafka();
  if (!had.rabbitmq) await stopOwnRabbit();
  if (!had.postgres) await stopOwnPostgres();
}

/** Capacity, interleaved with the same statement in pgbench. */
async function benchCheckout(): Promise<void> {
  say("checkout against pgbench, interleaved …");
  const stack = await start(["--no-workers"]);
  const shopper = shopperOf(32);
  await shopper.closedLoop(ROUND_S);
  pgbenchRate(services.databaseUrl, 2);
  const ours: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const load = await shopper.closedLoop(ROUND_S);
    if (load.failed > 0) throw new Error(`${load.failed} checkouts failed: the figure is void`);
    ours.push(load.answered / load.seconds);
    peers.push(pgbenchRate(services.databaseUrl, ROUND_S));
  }
  const ratios = ours.map((rate, round) => rate / peers[round]!);
  say(`ratios per round: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}`);
  const at = ratios.indexOf(median(ratios));
  add(
    judge("checkout capacity", { ours: ours[at]!, peer: peers[at]!, unit: "orders/s" }, { atLeast: 0.25, goal: 0.4 }),
  );
  await shopper.close();
  await stack.stop();
  await emptyOutbox();
}

/** The capacity run leaves orders that nobody should work on now. */
async function emptyOutbox(): Promise<void> {
  await pool.query("TRUNCATE outbox, orders, order_lines CASCADE");
}

/** Latency at the flash sale's rate with all workers, then memory, then CPU while nothing happens. */
async function benchWithWorkers(): Promise<void> {
  say("checkout at 33 orders/s with all workers …");
  const stack = await start([]);
  const shopper = shopperOf(16);
  await shopper.openLoop(10, 5);
  const load = await shopper.openLoop(FLASH_SALE_PER_S, 30);
  if (load.failed > 0) throw new Error(`${load.failed} checkouts failed: the figure is void`);
  const p99 = percentile(load.latenciesMs, 0.99);
  say(`p50 ${percentile(load.latenciesMs, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  add(judge("checkout p99 at 33 orders/s", { ours: p99, unit: "ms" }, { atMost: 50, goal: 15 }));
  const pids = familyOf(stack.server.pid!);
  const memory = pids.reduce((sum, pid) => sum + residentBytes(pid), 0) / MIB;
  add(judge("resident memory of web and workers", { ours: memory, unit: "MiB" }, { atMost: 700, goal: 500 }));
  await shopper.close();
  await waitUntil(
    "everything shipped and quiet",
    async () => (await count("SELECT count(*) FROM orders WHERE status IN ('placed', 'paid', 'reserved')")) === 0,
  );
  await waitUntil("every mail sent and every label drawn", async () => {
    const shipped = await count("SELECT count(*) FROM orders WHERE status IN ('shipped', 'delivered')");
    const labels = await count("SELECT count(*) FROM documents WHERE kind = 'label' AND content IS NOT NULL");
    const mails = await count("SELECT count(*) FROM mails");
    return labels === shipped && mails === MAILS_PER_ORDER * shipped;
  });
  await wait(20_000);
  const before = pids.map(cpuSeconds);
  await wait(30_000);
  const used = pids.map(cpuSeconds).reduce((sum, after, index) => sum + after - before[index]!, 0);
  add(judge("idle CPU of web and workers", { ours: (used / 30) * 100, unit: "% of a core" }, { atMost: 10, goal: 3 }));
  await stack.stop();
}

/** Placed → shipped, with all jobs in RabbitMQ, at the goal's rate; then the naive build on the same services. */
async function benchPipeline(): Promise<void> {
  await emptyOutbox();
  const stack = await start(["--no-workers"]);
  const workers: ChildProcess = fork(join(root, "workers/main.ts"), eventWorkers, {
    execArgv: profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [],
    env: { ...process.env, ...settings },
    cwd: root,
  });
  await new Promise((resolve) => workers.once("message", resolve));
  const parts = new Map([
    [process.pid, "load generator"],
    [stack.server.pid!, "web"],
    [stack.sandbox?.pid ?? 0, "sandbox"],
    [workers.pid!, "workers"],
  ]);
  const shopper = shopperOf(32);
  await shopper.openLoop(100, 5);
  let rate = 0;
  for (const offered of OFFERED_PER_S) {
    const { shippedPerS, isFlat } = await offerOrders(shopper, offered, parts);
    rate = Math.max(rate, isFlat ? shippedPerS : 0);
    if (isFlat) break;
  }
  add(judge("pipeline, placed to shipped", { ours: rate, unit: "orders/s" }, { atLeast: 150, goal: GOAL_PER_S }));
  await shopper.close();
  const ended = new Promise((resolve) => workers.once("exit", resolve));
  workers.kill("SIGTERM");
  await ended;
  if (only && !wants("naive")) return stack.stop();
  say("the naive build …");
  const naive = await naiveRate({ ...settings, DATABASE_URL: services.databaseUrl });
  add(
    judge("pipeline against the naive build", { ours: rate, peer: naive, unit: "orders/s" }, { atLeast: 10, goal: 25 }),
  );
  await stack.stop();
}

/** 10,000 dead letters replayed, with outcome and audit, against a shovel that moves the same messages; rounds alternate. */
async function benchReplays(): Promise<void> {
  say("10,000 replays against a shovel …");
  const { shovelStage } = await import("../bench/shovel-peer.ts");
  const { replayStage } = await import("../bench/replays.ts");
  const broker = await startRabbit({
    ...REPLAY_BROKER,
    dir: join(state, "bench-rabbitmq"),
    plugins: ["rabbitmq_shovel"],
  });
  try {
    const shovel = await shovelStage(broker);
    const replays = await replayStage(broker.url);
    const rounds: { ours: number; peer: number }[] = [];
    for (let round = 0; round < 3; round += 1) {
      const { letters, rate } = await replays.run(REPLAYED);
      rounds.push({ ours: rate, peer: await shovel.move(letters) });
    }
    await replays.stop();
    await shovel.stop();
    const ratios = rounds.map(({ ours, peer }) => ours / peer);
    say(`ratios per round: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}`);
    const { ours, peer } = rounds[ratios.indexOf(median(ratios))]!;
    add(judge("10,000 replayed, outcome known", { ours, peer, unit: "letters/s" }, { atLeast: 0.35, goal: 0.7 }));
  } finally {
    await broker.stop();
  }
}

/** Offers orders at a rate for a minute. Flat = what is under way does not grow by more than a second's worth. */
async function offerOrders(
  shopper: ReturnType<typeof shopperOf>,
  perSecond: number,
  parts: ReadonlyMap<number, string>,
) {
  say(`pipeline at ${perSecond} orders/s …`);
  const look = async () => ({
    shipped: await count("SELECT count(*) FROM orders WHERE status IN ('shipped', 'delivered')"),
    placed: await count("SELECT count(*) FROM orders"),
  });
  const placing = shopper.openLoop(perSecond, 60);
  await wait(10_000);
  const early = await look();
  const cpuBefore = cpuByPart(parts);
  await wait(48_000);
  const late = await look();
  const cpuAfter = cpuByPart(parts);
  const load = await placing;
  if (load.failed > 0) throw new Error(`${load.failed} checkouts failed: the figure is void`);
  const shippedPerS = (late.shipped - early.shipped) / 48;
  const [behind, behindLater] = [early.placed - early.shipped, late.placed - late.shipped];
  const isFlat = behindLater - behind < perSecond;
  const p99 = percentile(load.latenciesMs, 0.99).toFixed(0);
  say(
    `shipped ${shippedPerS.toFixed(0)}/s; under way ${behind} at 10 s, ${behindLater} at 58 s: ${isFlat ? "flat" : "growing"}; checkout p99 ${p99} ms`,
  );
  say(`of a core: ${sharesOfCore(cpuBefore, cpuAfter, 48)}`);
  await waitUntil(
    "all shipped",
    async () => (await count("SELECT count(*) FROM orders WHERE status IN ('placed', 'paid', 'reserved')")) === 0,
  );
  return { shippedPerS, isFlat };
}

async function waitUntil(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 180_000; !(await isTrue()); await wait(500))
    if (Date.now() > end) throw new Error(`not ${what} after 3 min`);
}

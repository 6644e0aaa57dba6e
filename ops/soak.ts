import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { createRabbit } from "#server/messaging/rabbit";
import { closeDatabase, db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { benchOrder } from "../bench/load.ts";
import { judge, type Metric, print } from "../bench/report.ts";
import { deleteEvent, forgetOrder, loseJob, type Planted, until } from "../proof/plant-faults.ts";
import { buildPages } from "./build.ts";
import { deleteTopics, deleteVhost } from "./empty-brokers.ts";
import { findServices, prepareStores, seedDemo, seedDemoPartners } from "./prepare.ts";
import { findRabbit } from "./services/rabbitmq.ts";
import { demoSettings } from "./settings.ts";
import { startStack } from "./stack.ts";

/*
 * `npm run soak [-- --minutes=10] [-- --rate=200] [-- --json]`: the whole product under a steady rate of made-up orders (a
 * minute) in a database, topics and a vhost of its own. While all is well nobody may be called: no finding, no alert. Then
 * three faults are planted, and each must be found within 60 s under the same rate.
 */

const NAME = "order_pipeline_soak";
const PORTS = { web: 3300, sandbox: 4310, smtp: 4325 };
const FOUND_WITHIN_S = 60;
/** Customers come at random; less than that means that the rate was not held. */
const HELD = 0.85;
const SAY_EVERY_MS = 60_000;

const minutes = option("minutes", 10);
const ratePerMinute = option("rate", 200);
const asJson = process.argv.includes("--json");
const metrics: Metric[] = [];
const add = (...figures: Parameters<typeof judge>) => {
  const metric = judge(...figures);
  metrics.push(metric);
  print(metric, asJson);
};
const say = (sentence: string) => console.error(sentence);

function option(name: string, otherwise: number): number {
  const given = process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1];
  const value = given === undefined ? otherwise : Number(given);
  if (value > 0) return value;
  console.error(`--${name} is a number above 0.`);
  process.exit(1);
}

// What the steps print is for people: the figures alone go to standard output.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as never;
const services = await findServices(1, NAME);
const ownsRabbit = !process.env.RABBITMQ_URL;
await emptyOwnBrokers();
const rabbitUrl = (await findRabbit(NAME)).url;
const admin = new pg.Client({ connectionString: services.databaseUrl.replace(`/${NAME}`, "/postgres") });
await admin.connect();
await admin.query(`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`);
await admin.end();
const settings: Record<string, string> = {
  ...demoSettings({ ...services, rabbitmqUrl: rabbitUrl }, PORTS),
  PUBLIC_URL: `http://localhost:${PORTS.web}`,
  TOPIC_PREFIX: `soak${Date.now() % 100_000}.`,
};
Object.assign(process.env, settings);
await prepareStores();
await seedDemo();
buildPages();
process.stdout.write = write;

const sandboxUrl = `http://127.0.0.1:${PORTS.sandbox}`;
const tell = (path: string, change: object) =>
  fetch(`${sandboxUrl}/control/${path}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });
const load = (running: boolean) => tell("generator", { running, ratePerSecond: ratePerMinute / 60 });

const stack = await startStack(settings, {
  output: 2,
  async afterSandbox() {
    await seedDemoPartners();
    // The demo's partner that moved is a fault; here everybody is well.
    await tell("partners/harbor-crm", { address: "webhooks" });
  },
});
const rabbit = createRabbit({ url: rabbitUrl, name: "soak" });
try {
  await runHealthy();
  await runFaults();
} finally {
  await load(false).catch(() => {});
  await rabbit.close();
  await closeDatabase();
  await stack.stop();
  await emptyOwnBrokers();
}
process.exit(metrics.every(({ passed }) => passed) ? 0 : 1);

async function emptyOwnBrokers(): Promise<void> {
  if (ownsRabbit) deleteVhost(NAME);
  await deleteTopics((name) => /^soak\d+\./.test(name));
}

/** Nobody may be called while nothing is wrong; the silence counts only where orders really moved. */
async function runHealthy(): Promise<void> {
  say(`${minutes} min at ${ratePerMinute} orders a minute, all well …`);
  await load(true);
  for (let left = minutes * 60_000; left > 0; left -= SAY_EVERY_MS) {
    await wait(Math.min(left, SAY_EVERY_MS));
    const { placed, ended } = await readOrders();
    say(
      `${placed} placed, ${ended} shipped or ended, ${await countFindings()} findings, ${(await readAlarms()).length} alerts`,
    );
  }
  await load(false);
  await until("every order is shipped or ended", async () => {
    const { placed, ended } = await readOrders();
    return placed === ended;
  });
  // A finding needs two looks, 15 s apart: what was wrong at the last moment is found by then.
  await wait(35_000);
  const { placed } = await readOrders();
  const alarms = await readAlarms();
  for (const { rule, summary } of alarms) say(`false alarm: ${rule}: ${summary}`);
  const least = HELD * minutes * ratePerMinute;
  add(
    "orders placed and ended, all well",
    { ours: placed, unit: "orders" },
    { atLeast: least, goal: minutes * ratePerMinute },
  );
  add("findings while all is well", { ours: await countFindings(), unit: "findings" }, { atMost: 0, goal: 0 });
  add("alerts while all is well", { ours: alarms.length, unit: "alerts" }, { atMost: 0, goal: 0 });
}

/** Planted while nothing else moves, so that each hits one order; found under the same rate as before. */
async function runFaults(): Promise<void> {
  say("three faults, under the same rate …");
  const tools = { place, rabbit };
  const planted = [await loseJob(tools), await deleteEvent(tools), await forgetOrder(tools)];
  await load(true);
  const seconds = new Map<Planted, number>();
  const isFound = async (one: Planted) => {
    const [row] = await db.rows<{ ms: number }>(sql`
      SELECT round(extract(epoch FROM found_at) * 1000)::bigint AS ms FROM findings
       WHERE kind = ${one.kind} AND order_id = ${one.orderId}::uuid`);
    if (row) seconds.set(one, Math.max(0, row.ms - one.at) / 1_000);
    return row !== undefined;
  };
  await until(
    "all three are found",
    async () => (await Promise.all(planted.map(isFound))).every(Boolean),
    2 * FOUND_WITHIN_S * 1_000,
  ).catch((error: Error) => say(error.message));
  for (const one of planted)
    add(
      `found: ${one.fault}`,
      { ours: seconds.get(one) ?? Number.POSITIVE_INFINITY, unit: "s" },
      { atMost: FOUND_WITHIN_S, goal: FOUND_WITHIN_S },
    );
  add(
    "findings of anything else",
    { ours: (await countFindings()) - seconds.size, unit: "findings" },
    { atMost: 0, goal: 0 },
  );
}

/** By card, to a good address, of goods that are there. */
async function place(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${PORTS.web}/api/v1/orders`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${settings.CHECKOUT_API_KEY}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify(benchOrder),
  });
  if (answer.status !== 201) throw new Error(`checkout answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { orderId: string }).orderId;
}

async function readOrders(): Promise<{ placed: number; ended: number }> {
  const [row] = await db.rows<{ placed: number; ended: number }>(sql`
    SELECT count(*) AS placed, count(*) FILTER (WHERE status NOT IN ('placed', 'paid', 'reserved')) AS ended FROM orders`);
  return row!;
}

async function countFindings(): Promise<number> {
  const [row] = await db.rows<{ count: number }>(sql`SELECT count(*) FROM findings`);
  return row!.count;
}

/** Alerts that somebody was, or would have been, told of. */
async function readAlarms(): Promise<{ rule: string; summary: string }[]> {
  return db.rows(sql`SELECT rule, summary FROM alerts WHERE fired_at IS NOT NULL`);
}

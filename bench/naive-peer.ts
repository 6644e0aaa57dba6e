import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { root } from "#ops/paths";
import { schema } from "./naive/schema.ts";
import { TOPIC } from "./naive/stage.ts";

const stages = ["relay", "charge-payment", "reserve-stock", "create-shipment", "project-orders", "dispatch-tasks"];
const WARM_UP_MS = 15_000;
const MEASURED_MS = 30_000;
/** More than it can do in the time: its rate is its capacity. */
const ORDERS = 5_000;

/** Orders per second from placed to shipped in the naive build, on the same services. */
export async function naiveRate(settings: Record<string, string>): Promise<number> {
  const pool = new pg.Pool({ connectionString: settings.DATABASE_URL });
  await pool.query(schema);
  const admin = new Kafka({ brokers: settings.KAFKA_BROKERS!.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  if ((await admin.listTopics()).includes(TOPIC)) await admin.deleteTopics({ topics: [TOPIC] });
  await wait(1_000);
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 12 }], waitForLeaders: true });
  const groups = stages.slice(1).map((stage) => `naive-${stage}`);
  await admin.deleteGroups(groups).catch(() => {});
  await admin.disconnect();
  await pool.query(
    `WITH placed AS (INSERT INTO naive.orders SELECT gen_random_uuid(), 'placed', 1290, 'SKU-1', 1, now() FROM generate_series(1, ${ORDERS}) RETURNING *)
     INSERT INTO naive.outbox (type, order_id, data)
     SELECT 'order.placed', id, jsonb_build_object('totalCents', total_cents, 'sku', sku, 'quantity', quantity,
            'address', jsonb_build_object('name', 'Bench', 'line1', 'Street 1', 'postalCode', '10115', 'city', 'Berlin', 'country', 'DE')) FROM placed`,
  );
  const env = { ...process.env, ...settings };
  const children: ChildProcess[] = stages.map((stage) =>
    fork(join(root, "bench/naive", `${stage}.ts`), { env, stdio: ["ignore", "ignore", "ignore", "ipc"] }),
  );
  const shipped = async () =>
    Number((await pool.query("SELECT count(*) FROM naive.orders WHERE status = 'shipped'")).rows[0].count);
  await wait(WARM_UP_MS);
  const before = await shipped();
  await wait(MEASURED_MS);
  const rate = ((await shipped()) - before) / (MEASURED_MS / 1_000);
  for (const child of children) child.kill("SIGKILL");
  await pool.query("DROP SCHEMA naive CASCADE");
  await pool.end();
  return rate;
}

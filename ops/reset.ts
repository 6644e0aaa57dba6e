import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { topics } from "#contracts/topology";
import { state } from "./paths.ts";
import { findKafka, stopOwnKafka } from "./services/kafka.ts";
import { findPostgres, stopOwnPostgres } from "./services/postgres.ts";
import { findRabbit, stopOwnRabbit } from "./services/rabbitmq.ts";
import { runAsRoot } from "./shell.ts";

/* `npm run reset [-- --yes]`: empties what is ours: database, topics, vhost, the data of services we started. */

const DATABASE = "order_pipeline";

if (!process.argv.includes("--yes")) {
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question(
    `All orders, topics and queues of this project will be gone. Type "${DATABASE}" to go on: `,
  );
  ask.close();
  if (answer !== DATABASE) {
    console.log("Nothing was changed.");
    process.exit(1);
  }
}

const postgres = await findPostgres();
const client = new pg.Client({ connectionString: postgres.urlOf("postgres") });
await client.connect();
await client.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
await client.end();
console.log("Database: dropped");

const { brokers } = await findKafka(1);
const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
await admin.connect();
const ours = new Set<string>(Object.values(topics).map(({ name }) => name));
const existing = (await admin.listTopics()).filter((name) => ours.has(name));
if (existing.length > 0) await admin.deleteTopics({ topics: existing });
await admin.disconnect();
console.log(`Topics: ${existing.length} deleted`);

await findRabbit();
console.log(
  `Queues: ${runAsRoot("rabbitmqctl", ["--quiet", "delete_vhost", DATABASE]).ok ? "vhost deleted" : "left: delete the vhost order_pipeline by hand"}`,
);

await Promise.all([stopOwnKafka(), stopOwnRabbit(), stopOwnPostgres()]);
for (const folder of ["kafka/cluster-1", "kafka/cluster-3", "rabbitmq", "postgres", "sandbox"])
  rmSync(join(state, folder), { recursive: true, force: true });
console.log("Data of our own services: removed");

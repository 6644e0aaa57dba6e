import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { dropDatabase } from "./drop-database.ts";
import { emptyBrokers } from "./empty-brokers.ts";
import { state } from "./paths.ts";
import { stopOwnKafka } from "./services/kafka.ts";
import { findPostgres, stopOwnPostgres } from "./services/postgres.ts";
import { stopOwnRabbit } from "./services/rabbitmq.ts";
import { demoPorts } from "./settings.ts";
import { listens, Sentence } from "./shell.ts";

/* `npm run reset [-- --yes]`: empties what is ours: database, topics, vhost, the data of services we started. */

const { DATABASE_URL } = process.env;
const database = DATABASE_URL ? decodeURIComponent(new URL(DATABASE_URL).pathname.slice(1)) : "order_pipeline";

async function reset(): Promise<void> {
  if (await listens(demoPorts.web))
    throw new Sentence(
      `Something listens on port ${demoPorts.web}: stop the dashboard first, with Ctrl-C where it runs.`,
    );
  if (!process.argv.includes("--yes") && (await answer()) !== database) throw new Sentence("Nothing was changed.");
  await dropDatabase((await findPostgres()).urlOf("postgres"), database);
  console.log(`Database: ${database} dropped`);
  await emptyBrokers();
  await Promise.all([stopOwnKafka(), stopOwnRabbit(), stopOwnPostgres()]);
  for (const folder of ["kafka/cluster-1", "kafka/cluster-3", "rabbitmq", "postgres", "sandbox"])
    rmSync(join(state, folder), { recursive: true, force: true });
  console.log("Data of our own services: removed");
}

/** What was typed; empty when there is nobody to type. */
async function answer(): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const nobody = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const question = `All orders, topics and queues of this project will be gone. Type "${database}" to go on: `;
  const typed = await Promise.race([terminal.question(question), nobody]);
  terminal.close();
  return typed;
}

try {
  await reset();
} catch (error) {
  if (!(error instanceof Sentence)) throw error;
  console.error(error.message);
  process.exit(1);
}

import { join } from "node:path";
import { stopLeftovers } from "./detached.ts";
import { state } from "./paths.ts";
import { stopOwnKafka } from "./services/kafka.ts";
import { stopOwnPostgres } from "./services/postgres.ts";
import { stopOwnRabbit } from "./services/rabbitmq.ts";

/* `npm run stop`: ends the services that we started, and nothing else. Their data stay. */

for (const [name, stop] of [
  ["Kafka", stopOwnKafka],
  ["RabbitMQ", stopOwnRabbit],
  ["PostgreSQL", stopOwnPostgres],
] as const)
  console.log(`${name}: ${(await stop()) ? "stopped" : "not ours, or not running"}`);
const left = (await stopLeftovers(join(state, "test"))) + (await stopLeftovers(join(state, "crash")));
if (left > 0) console.log(`Left by test runs that were interrupted: ${left} stopped`);

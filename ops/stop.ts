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

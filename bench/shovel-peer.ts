import amqp from "amqplib";
import type { OwnRabbit } from "../ops/services/rabbitmq.ts";

/** A message as it lies in a dead-letter queue. */
export type Letter = { id: string; body: Buffer; headers: Record<string, unknown> };

/**
 * RabbitMQ's own way of putting dead letters back: a shovel that moves a whole queue, acknowledging on confirm, 1,000 at
 * a time. It knows no rate, outcome or audit; it is what an operator has without this product.
 */
export async function shovelStage(broker: OwnRabbit) {
  const connection = await amqp.connect(broker.url);
  const channel = await connection.createConfirmChannel();
  for (const queue of ["shovel.dlq", "shovel.target"])
    await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });

  return {
    /** @returns messages moved a second. */
    async move(letters: readonly Letter[]): Promise<number> {
      for (const { id, body, headers } of letters)
        channel.sendToQueue("shovel.dlq", body, { persistent: true, messageId: id, headers });
      await channel.waitForConfirms();
      const startedAt = performance.now();
      broker.ctl(["set_parameter", "-p", "bench", "shovel", "back", JSON.stringify(definition(broker.url))]);
      while ((await channel.checkQueue("shovel.target")).messageCount < letters.length) await pause(20);
      const seconds = (performance.now() - startedAt) / 1_000;
      broker.ctl(["clear_parameter", "-p", "bench", "shovel", "back"]);
      await channel.purgeQueue("shovel.target");
      return letters.length / seconds;
    },
    async stop() {
      await connection.close();
    },
  };
}

const definition = (uri: string) => ({
  "src-protocol": "amqp091",
  "src-uri": uri,
  "src-queue": "shovel.dlq",
  "src-prefetch-count": 1_000,
  "dest-protocol": "amqp091",
  "dest-uri": uri,
  "dest-queue": "shovel.target",
  "ack-mode": "on-confirm",
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

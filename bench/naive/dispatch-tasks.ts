import amqp from "amqplib";
import { runStage } from "./stage.ts";

const connection = await amqp.connect(process.env.RABBITMQ_URL!);
const channel = await connection.createConfirmChannel();
for (const queue of ["naive.email", "naive.invoice", "naive.webhook", "naive.label", "naive.audit"])
  await channel.assertQueue(queue, { durable: true });

const tasks: Record<string, string[]> = {
  "order.placed": ["naive.audit", "naive.email"],
  "payment.captured": ["naive.audit", "naive.email", "naive.invoice", "naive.webhook"],
  "inventory.reserved": ["naive.audit"],
  "shipping.created": ["naive.audit", "naive.email", "naive.label", "naive.webhook"],
};

await runStage("dispatch-tasks", Object.keys(tasks), async (fact) => {
  for (const queue of tasks[fact.type] ?? []) {
    channel.sendToQueue(queue, Buffer.from(JSON.stringify(fact)), { persistent: true });
    await channel.waitForConfirms();
  }
  return undefined;
});

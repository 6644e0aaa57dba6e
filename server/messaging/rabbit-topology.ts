import type { ChannelModel } from "amqplib";
import { log } from "#server/platform/log";
import { closeChannel } from "./rabbit-connection.ts";
import { type PlannedQueue, planQueues, type RabbitTopology } from "./topology-plan.ts";

/** A queue or exchange stands already, but not as the contracts want it. The message names it and the cure. */
export class TopologyMismatch extends Error {
  override name = "TopologyMismatch";
}

const PRECONDITION_FAILED = 406;

/**
 * Declares everything; what stands already is compared by the broker and left alone.
 * @throws TopologyMismatch
 */
export async function declareTopology(model: ChannelModel, topology: RabbitTopology, scale: number): Promise<void> {
  const channel = await model.createChannel();
  channel.on("error", (error) => log().debug({ err: error }, "RabbitMQ refused a declaration"));
  try {
    for (const { name, type } of topology.exchanges)
      await refusable(`exchange "${name}"`, "delete_exchange", channel.assertExchange(name, type, { durable: true }));
    for (const queue of planQueues(topology, scale)) await declareQueue(queue);
    for (const { from, to, routingKey } of topology.exchangeBindings) await channel.bindExchange(to, from, routingKey);
    for (const { name, bindings = [] } of topology.families)
      for (const { exchange, routingKey } of bindings) await channel.bindQueue(name, exchange, routingKey);
  } finally {
    await closeChannel(channel);
  }

  async function declareQueue({ name, ...options }: PlannedQueue): Promise<void> {
    await refusable(`queue "${name}"`, `delete_queue ${name}`, channel.assertQueue(name, options));
  }
}

async function refusable(thing: string, command: string, declared: Promise<unknown>): Promise<void> {
  try {
    await declared;
  } catch (error) {
    if ((error as { code?: number }).code !== PRECONDITION_FAILED) throw error;
    throw new TopologyMismatch(
      `RabbitMQ has ${thing} with other arguments than this version and TIME_SCALE ask for. ` +
        `Let it run empty, delete it (rabbitmqctl -p VHOST ${command}) and start again, or use a vhost of its own. ` +
        `RabbitMQ says: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

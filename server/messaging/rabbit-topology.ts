import type { Channel, ChannelModel } from "amqplib";
import { log } from "#server/platform/log";
import { closeChannel } from "./rabbit-connection.ts";
import { type PlannedQueue, planQueues, type RabbitTopology } from "./topology-plan.ts";

/** A queue or exchange stands already, but not as the contracts want it. The message names it and the cure. */
export class TopologyMismatch extends Error {
  override name = "TopologyMismatch";
}

const PRECONDITION_FAILED = 406;

/** From here on a quorum queue without a delivery limit of its own has one of 20. */
const LIMITS_BY_DEFAULT = 4;

/**
 * Declares everything; what stands already is compared by the broker and left alone.
 * @throws TopologyMismatch
 */
export async function declareTopology(model: ChannelModel, topology: RabbitTopology, scale: number): Promise<void> {
  let channel = await openChannel(model);
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

  async function declareQueue({ name, earlier, ...options }: PlannedQueue): Promise<void> {
    const declared = channel.assertQueue(name, options);
    if (!earlier) return refusable(`queue "${name}"`, `delete_queue ${name}`, declared);
    try {
      await declared;
    } catch (error) {
      if (!isMismatch(error)) throw error;
      // The refusal has closed the channel.
      channel = await openChannel(model);
      const asBefore = channel.assertQueue(name, { ...options, arguments: earlier });
      await refusable(`queue "${name}"`, `delete_queue ${name}`, asBefore);
      if (majorVersion(model) >= LIMITS_BY_DEFAULT) log().warn({ queue: name }, limitedSentence(name));
    }
  }
}

/** For the operator of a RabbitMQ 4 whose dead-letter queue was made by an earlier version of ours. */
export const limitedSentence = (queue: string) =>
  `RabbitMQ deletes a dead letter from "${queue}" that was delivered 20 times and never stored: the queue was declared ` +
  `without a limit of its own. Let it run empty, stop the workers, delete it (rabbitmqctl -p VHOST delete_queue ${queue}) ` +
  "and start again.";

/** Of the broker; 0 when it does not say. */
function majorVersion({ connection }: ChannelModel): number {
  const { serverProperties } = connection as { serverProperties?: { version?: unknown } };
  return Number.parseInt(String(serverProperties?.version), 10) || 0;
}

async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  channel.on("error", (error) => log().debug({ err: error }, "RabbitMQ refused a declaration"));
  return channel;
}

const isMismatch = (error: unknown) => (error as { code?: number }).code === PRECONDITION_FAILED;

async function refusable(thing: string, command: string, declared: Promise<unknown>): Promise<void> {
  try {
    await declared;
  } catch (error) {
    if (!isMismatch(error)) throw error;
    throw new TopologyMismatch(
      `RabbitMQ has ${thing} with other arguments than this version and TIME_SCALE ask for. ` +
        `Let it run empty, delete it (rabbitmqctl -p VHOST ${command}) and start again, or use a vhost of its own. ` +
        `RabbitMQ says: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

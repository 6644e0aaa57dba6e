import { randomUUID } from "node:crypto";
import { type ConfirmChannel, connect } from "amqplib";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { RabbitDelivery, RabbitMessage } from "./broker.ts";
import { createRabbit } from "./rabbit.ts";
import type { HeldDelivery } from "./rabbit-consume.ts";
import { type RabbitNode, startRabbitNode } from "./rabbit-node.ts";
import type { RabbitTopology } from "./topology-plan.ts";

/** A broker of its own for a test file, which may therefore be killed. Call it once, at the top of the file. */
export function rabbitTestBroker() {
  let node: RabbitNode;
  beforeAll(async () => {
    process.env.LOG_LEVEL ??= process.env.TEST_LOG_LEVEL ?? "silent";
    node = await startRabbitNode();
  });
  afterAll(() => node.remove());

  const connectTo = (url: string, topology?: RabbitTopology) => {
    const rabbit = createRabbit({ url, name: "test", topology });
    onTestFinished(() => rabbit.close());
    return rabbit;
  };

  return {
    node: () => node,
    /** A port to a broker whose topology is not declared. */
    connectTo,
    /** A port in a vhost of its own, topology declared; waits are a hundredth unless said. */
    async port({ scale = 0.01, topology }: { scale?: number; topology?: RabbitTopology } = {}) {
      const { name, url } = await node.vhost();
      const rabbit = connectTo(url, topology);
      await rabbit.declareTopology(scale);
      return { rabbit, vhost: name, url };
    },
    /** The library without our port. */
    async bareChannel(url: string): Promise<ConfirmChannel> {
      const connection = await connect(url);
      onTestFinished(() => connection.close().catch(() => {}));
      connection.on("error", () => {});
      const channel = await connection.createConfirmChannel();
      channel.on("error", () => {});
      return channel;
    },
  };
}

/** A message with an id of its own for queue `label`, unless placed elsewhere. */
export const message = (placement: Partial<RabbitMessage> = {}): RabbitMessage => ({
  exchange: "",
  routingKey: "label",
  messageId: randomUUID(),
  value: Buffer.from("{}"),
  headers: {},
  ...placement,
});

export const messages = (count: number, placement: Partial<RabbitMessage> = {}) =>
  Array.from({ length: count }, () => message(placement));

/** What publishing came to: null or the name of the error, in order. */
export const names = (outcomes: (Error | null)[]) => outcomes.map((outcome) => outcome?.name ?? null);

/** Deliveries that stay unacknowledged until the test is over, because closing waits for them. */
export function hands() {
  const held: HeldDelivery[] = [];
  let taken = 0;
  let notify = () => {};
  onTestFinished(() => {
    for (const delivery of held) delivery.ack();
  });
  return {
    held,
    take(delivery: RabbitDelivery) {
      held.push(delivery as HeldDelivery);
      notify();
    },
    /** True when `next` would not wait. */
    hasNext: () => taken < held.length,
    /** The oldest delivery not yet asked for. */
    async next(): Promise<HeldDelivery> {
      while (taken === held.length)
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      taken += 1;
      return held[taken - 1]!;
    },
  };
}

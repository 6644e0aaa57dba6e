import type { ConfirmChannel, GetMessage } from "amqplib";
import { describe, expect, it, vi } from "vitest";
import { delayQueues, exchanges, queues } from "#contracts/topology";
import { TopologyMismatch } from "./rabbit.ts";
import { hands, message, rabbitTestBroker } from "./rabbit-test-broker.ts";
import { contractTopology, planQueues, type RabbitTopology } from "./topology-plan.ts";

const broker = rabbitTestBroker();

describe("the topology", () => {
  it("stands as planned, with durable dead-letter queues that keep messages for ever", async () => {
    const { vhost } = await broker.port();
    const listed = await broker
      .node()
      .ctl("list_queues", "-p", vhost, "--formatter=json", "name", "durable", "arguments");
    const queuesThere = JSON.parse(listed) as { name: string; durable: boolean; arguments: string }[];
    expect(queuesThere.map((queue) => queue.name).sort()).toEqual(
      planQueues(contractTopology, 0.01)
        .map((queue) => queue.name)
        .sort(),
    );
    const dead = queuesThere.filter((queue) => queue.name.endsWith(".dlq"));
    expect(dead).toHaveLength(5);
    for (const queue of dead) {
      expect(queue.durable).toBe(true);
      expect(JSON.stringify(queue.arguments)).not.toMatch(/ttl|max-length/);
      expect(JSON.stringify(queue.arguments)).toContain("1000000000");
    }
  });

  it("takes dead-letter queues as an earlier version left them, and refuses any others", async () => {
    const { url, name: vhost } = await broker.node().vhost();
    const bare = await broker.bareChannel(url);
    await bare.assertQueue("email.dlq", { arguments: { "x-queue-type": "quorum" } });
    bare.sendToQueue("email.dlq", Buffer.from("dead before the update"), { persistent: true });
    await bare.waitForConfirms();
    const rabbit = broker.connectTo(url);
    await rabbit.declareTopology(0.01);
    await expect.poll(() => rabbit.depth("email.dlq")).toEqual({ ready: 1, consumers: 0 });
    expect(await rabbit.depth("audit")).toEqual({ ready: 0, consumers: 0 });
    await broker.node().ctl("delete_queue", "-p", vhost, "label.dlq");
    await bare.assertQueue("label.dlq", { arguments: { "x-queue-type": "quorum", "x-max-length": 5 } });
    await expect(broker.connectTo(url).declareTopology(0.01)).rejects.toThrow(/queue "label\.dlq"/);
  });

  it("keeps a dead letter that comes back more often than RabbitMQ 4 would let it by default", async () => {
    const { rabbit, url } = await broker.port();
    await rabbit.publish([message({ routingKey: "email.dlq", messageId: "comes back" })]);
    const bare = await broker.bareChannel(url);
    for (let returned = 0; returned < 30; returned += 1) {
      const got = await untilGot(bare, "email.dlq");
      expect(got.properties.headers?.["x-delivery-count"] ?? 0).toBe(returned);
      bare.nack(got);
    }
    expect((await untilGot(bare, "email.dlq")).properties.messageId).toBe("comes back");
  });

  it("can be declared twice, and refuses a broker that has a queue with other arguments, naming it and the cure", async () => {
    const { rabbit, url } = await broker.port({ scale: 0.01 });
    await rabbit.declareTopology(0.01);
    const refusal = broker.connectTo(url).declareTopology(0.02);
    await expect(refusal).rejects.toThrow(TopologyMismatch);
    await expect(refusal).rejects.toThrow(
      /queue "confirmation\.delay".*rabbitmqctl -p VHOST delete_queue confirmation\.delay/s,
    );
  });

  it.each(["x-dead-letter-strategy", "x-delivery-limit", "x-overflow", "x-message-ttl", "x-dead-letter-routing-key"])(
    "notices a queue that lacks %s",
    async (missing) => {
      const { url } = await broker.node().vhost();
      const planned = planQueues(contractTopology, 1).find((queue) => queue.name === "webhook")!;
      const { [missing]: _, ...lacking } = planned.arguments;
      await (await broker.bareChannel(url)).assertQueue("webhook", { arguments: lacking });
      await expect(broker.connectTo(url).declareTopology()).rejects.toThrow(/queue "webhook"/);
    },
  );

  it("gives audit one copy of each fact although two ways lead there, and a copy to best-effort analytics", async () => {
    const { rabbit } = await broker.port();
    const [audit, analytics] = [hands(), hands()];
    await rabbit.consume(queues.audit, audit.take);
    await rabbit.consume(queues.analytics, analytics.take);
    const facts = Array.from({ length: 20 }, (_, n) =>
      message({ exchange: exchanges.orderEvents.name, routingKey: `order.de.books.fact${n}` }),
    );
    expect(await rabbit.publish(facts)).toEqual(facts.map(() => null));
    const last = message({ exchange: "", routingKey: "audit" });
    await rabbit.publish([last]);
    const seen: string[] = [];
    for (let one = await audit.next(); one.messageId !== last.messageId; one = await audit.next()) {
      seen.push(one.messageId!);
      one.ack();
    }
    expect(seen).toEqual(facts.map(({ messageId }) => messageId));
    const counted = [];
    for (const _ of facts) counted.push((await analytics.next()).messageId);
    expect(counted).toEqual(facts.map(({ messageId }) => messageId));
  });

  it("routes an invoice by its payment method", async () => {
    const { rabbit } = await broker.port();
    const exchange = exchanges.paymentMethod.name;
    const outcomes = await rabbit.publish([
      message({ exchange, routingKey: "cod" }),
      message({ exchange, routingKey: "prepaid" }),
      message({ exchange, routingKey: "barter" }),
    ]);
    expect(outcomes.map((outcome) => outcome?.name ?? null)).toEqual([null, null, "NotRouted"]);
    await expect.poll(() => rabbit.depth("invoice")).toEqual({ ready: 2, consumers: 0 });
  });

  it("delivers urgent mail before mail that waits, also through the delay queue", async () => {
    const { rabbit } = await broker.port();
    await rabbit.publish([
      message({ routingKey: "email", priority: 1, messageId: "newsletter" }),
      message({ routingKey: "email", priority: 5, messageId: "receipt" }),
    ]);
    await rabbit.publish([
      message({ routingKey: delayQueues.confirmation.name, priority: 9, messageId: "confirmation" }),
    ]);
    await expect.poll(() => rabbit.depth("email")).toEqual({ ready: 3, consumers: 0 });
    const mail = hands();
    await rabbit.consume(queues.email, mail.take);
    const order = [await mail.next(), await mail.next(), await mail.next()].map(({ messageId }) => messageId);
    expect(order).toEqual(["confirmation", "receipt", "newsletter"]);
  });

  it("holds a confirmation back for its whole delay", async () => {
    const { rabbit } = await broker.port({ scale: 0.05 });
    const mail = hands();
    await rabbit.consume(queues.email, mail.take);
    const sentAt = performance.now();
    await rabbit.publish([message({ routingKey: delayQueues.confirmation.name })]);
    const { queue, attempts } = await mail.next();
    expect({ queue, attempts }).toEqual({ queue: "email", attempts: 0 });
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(250);
  });

  it("moves a message that grew too old in its queue to the dead-letter queue", async () => {
    const stale = { name: "stale", durable: true, retryDelaysMs: [], prefetch: 1, ttlMs: 50 } as const;
    const topology: RabbitTopology = {
      exchanges: [],
      exchangeBindings: [],
      families: [
        { ...stale, type: "quorum" },
        { ...stale, name: "stale-mail", type: "classic", maxPriority: 10 },
      ],
      delayQueues: [],
    };
    const { rabbit } = await broker.port({ topology });
    const dead = hands();
    await rabbit.consume({ name: "stale.dlq", prefetch: 1 }, dead.take);
    await rabbit.consume({ name: "stale-mail.dlq", prefetch: 1 }, dead.take);
    await rabbit.publish([message({ routingKey: "stale" }), message({ routingKey: "stale-mail" })]);
    for (const one of [await dead.next(), await dead.next()]) {
      const deaths = one.raw.headers.find(([name]) => name === "x-death")![1].toString();
      expect(JSON.parse(deaths)[0]).toMatchObject({ reason: "expired" });
    }
  });
});

/** A message that was given back is there again in a moment. */
async function untilGot(channel: ConfirmChannel, queue: string): Promise<GetMessage> {
  const got = await vi.waitUntil(() => channel.get(queue), { timeout: 5_000, interval: 5 });
  return got as GetMessage;
}

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { queues } from "#contracts/topology";
import type { RabbitDelivery } from "./broker.ts";
import { failureOf } from "./failure.ts";
import { hands, messages, rabbitTestBroker } from "./rabbit-test-broker.ts";

const broker = rabbitTestBroker();

const ids = (sent: { messageId: string | null }[]) => sent.map(({ messageId }) => messageId);

describe("consuming", () => {
  it("goes on after somebody closed all connections, and ignores what is acknowledged on the old channel", async () => {
    const { rabbit, vhost } = await broker.port();
    const { held, take } = hands();
    const { stop } = await rabbit.consume(queues.label, take);
    const [first] = messages(1);
    await rabbit.publish([first!]);
    await expect.poll(() => held.length).toBe(1);
    await broker.node().ctl("close_all_connections", "-p", vhost, "maintenance");
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(2);
    held[0]!.ack();
    const [second] = messages(1);
    await expect.poll(async () => (await rabbit.publish([second!]))[0]).toBeNull();
    await expect.poll(() => held.length).toBeGreaterThanOrEqual(3);
    expect(ids(held).slice(0, 3)).toEqual([first!.messageId, first!.messageId, second!.messageId]);
    for (const delivery of held) delivery.ack();
    await stop();
    await expect.poll(() => rabbit.depth("label")).toEqual({ ready: 0, consumers: 0 });
  });

  it("goes on after its queue was deleted and stands there again", async () => {
    const { rabbit, vhost } = await broker.port();
    const seen: RabbitDelivery[] = [];
    await rabbit.consume(queues.label, (delivery) => {
      seen.push(delivery);
      delivery.ack();
    });
    await broker.node().ctl("delete_queue", "-p", vhost, "label");
    await expect.poll(async () => (await rabbit.depth("label"))?.consumers, { timeout: 5_000 }).toBe(1);
    const sent = messages(3);
    expect(await rabbit.publish(sent)).toEqual([null, null, null]);
    await expect.poll(() => ids(seen)).toEqual(ids(sent));
  });

  it("finds its queues again on a broker that came back empty", async () => {
    const { rabbit, vhost } = await broker.port();
    const seen: RabbitDelivery[] = [];
    await rabbit.consume(queues.invoice, (delivery) => {
      seen.push(delivery);
      delivery.ack();
    });
    await rabbit.publish(messages(1, { routingKey: "invoice" }));
    await broker.node().ctl("delete_vhost", vhost);
    await broker.node().vhost(vhost);
    const [again] = messages(1, { routingKey: "invoice" });
    await expect.poll(async () => (await rabbit.publish([again!]))[0], { timeout: 15_000 }).toBeNull();
    await expect.poll(() => ids(seen), { timeout: 10_000 }).toContain(again!.messageId);
  });

  it("holds no more than the prefetch unacknowledged", async () => {
    const { rabbit } = await broker.port();
    const { held, take } = hands();
    await rabbit.consume({ ...queues.label, prefetch: 3 }, take);
    await rabbit.publish(messages(10));
    await expect.poll(() => held.length).toBe(3);
    held[1]!.ack();
    await expect.poll(() => held.length).toBe(4);
    await expect.poll(() => rabbit.depth("label")).toMatchObject({ ready: 6 });
  });

  it("holds no more bytes than agreed, also when large messages follow many small ones, and loses none", async () => {
    const { rabbit } = await broker.port();
    const heldBytes = 1_000_000;
    const small = messages(2_000, { value: Buffer.alloc(100) });
    const large = messages(20, { value: Buffer.alloc(400_000) });
    await rabbit.publish(small);
    await rabbit.publish(large);
    const seen = new Set<string | null>();
    let [most, bytes, atOnce] = [0, 0, 0];
    const held = new Set<RabbitDelivery>();
    await rabbit.consume({ name: "label", prefetch: 500, heldBytes }, (delivery) => {
      held.add(delivery);
      bytes += delivery.raw.value!.length;
      most = Math.max(most, bytes);
      atOnce = Math.max(atOnce, held.size);
      setTimeout(() => {
        held.delete(delivery);
        bytes -= delivery.raw.value!.length;
        if (delivery.isHeld()) seen.add(delivery.messageId);
        delivery.ack();
      }, 20);
    });
    await expect.poll(() => seen.size, { timeout: 20_000 }).toBe(2_020);
    // The whole prefetch, and what was left of the window before it.
    expect(atOnce).toBeGreaterThanOrEqual(500);
    expect(atOnce).toBeLessThan(600);
    // What the channel before held is still in the handler's hands when the next one begins with one message.
    expect(most).toBeLessThanOrEqual(heldBytes + 400_000);
    await expect.poll(() => rabbit.depth("label")).toEqual({ ready: 0, consumers: 1 });
  });

  it("delivers others instead of those that are set aside, which come again with the next channel", async () => {
    const { rabbit, vhost } = await broker.port();
    const seen: RabbitDelivery[] = [];
    let isSound = false;
    await rabbit.consume({ name: "label", prefetch: 3, heldBytes: 1_000 }, (delivery) => {
      seen.push(delivery);
      if (isSound || seen.length > 2) delivery.ack();
      else delivery.setAside();
    });
    const sent = messages(10);
    await rabbit.publish(sent);
    await expect.poll(() => new Set(ids(seen)).size).toBe(10);
    isSound = true;
    await broker.node().ctl("close_all_connections", "-p", vhost, "cut");
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(12);
    await expect.poll(() => rabbit.depth("label")).toEqual({ ready: 0, consumers: 1 });
  });

  it("acknowledges exactly what was acknowledged, in whatever order and however often", async () => {
    const { rabbit, vhost } = await broker.port();
    const { held, take } = hands();
    await rabbit.consume({ ...queues.email, prefetch: 200 }, take);
    const sent = messages(200, { routingKey: "email" });
    await rabbit.publish(sent);
    await expect.poll(() => held.length).toBe(200);
    const kept = new Set([0, 7, 8, 50, 199].map((at) => sent[at]!.messageId));
    const shuffled = held.filter(({ messageId }) => !kept.has(messageId!)).sort(() => Math.random() - 0.5);
    for (const [at, delivery] of shuffled.entries()) {
      delivery.ack();
      if (at % 3 === 0) delivery.ack();
      if (at % 17 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // Only of a classic queue does the broker know this number at once.
    const unacknowledged = async () => {
      const listed = await broker
        .node()
        .ctl("list_queues", "-p", vhost, "--formatter=json", "name", "messages_unacknowledged");
      const counts = JSON.parse(listed) as { name: string; messages_unacknowledged: number }[];
      return counts.find(({ name }) => name === "email")!.messages_unacknowledged;
    };
    await expect.poll(unacknowledged, { timeout: 5_000 }).toBe(5);
    for (const delivery of held) delivery.ack();
    await rabbit.close();
    expect(await unacknowledged()).toBe(0);
  });

  it("stops by letting the running ones finish and giving the others back", async () => {
    const { rabbit } = await broker.port();
    let [taken, finished] = [0, 0];
    const { stop } = await rabbit.consume({ ...queues.label, prefetch: 5 }, async (delivery) => {
      taken += 1;
      await sleep(300);
      finished += 1;
      delivery.ack();
    });
    await rabbit.publish(messages(20));
    await expect.poll(() => taken, { interval: 5 }).toBe(10);
    await stop();
    // None of those that it gave back was begun.
    expect(taken).toBe(10);
    expect(finished).toBe(10);
    await expect.poll(() => rabbit.depth("label")).toEqual({ ready: 10, consumers: 0 });
  });

  it("gives a message back when its handler throws, without leaving others waiting", async () => {
    const { rabbit } = await broker.port();
    let throws = 1;
    const seen: RabbitDelivery[] = [];
    await rabbit.consume({ ...queues.label, prefetch: 1 }, (delivery) => {
      if (throws-- > 0) throw new Error("a bug");
      seen.push(delivery);
      delivery.ack();
    });
    const sent = messages(2);
    await rabbit.publish(sent);
    await expect.poll(() => seen.length).toBe(2);
    expect(ids(seen).sort()).toEqual(ids(sent).sort());
  });

  it("parks a message that ends its worker again and again in the dead-letter queue", async () => {
    const { rabbit } = await broker.port();
    let deliveries = 0;
    await rabbit.consume(queues.label, () => {
      deliveries += 1;
      throw new Error("every time");
    });
    await rabbit.publish(messages(1));
    await expect.poll(async () => (await rabbit.depth("label.dlq"))?.ready, { timeout: 10_000 }).toBe(1);
    expect(deliveries).toBe(21);
  });

  it("reads a message with strange headers: nested tables as JSON, no message id, a count that is none", async () => {
    const { rabbit, url } = await broker.port();
    const channel = await broker.bareChannel(url);
    channel.sendToQueue("label", Buffer.alloc(0), { headers: { "x-attempts": -3, nested: { a: [1] }, nothing: null } });
    await channel.waitForConfirms();
    const { held: seen, take } = hands();
    await rabbit.consume(queues.label, take);
    await expect.poll(() => seen.length).toBe(1);
    const { messageId, attempts, raw } = seen[0]!;
    expect({ messageId, attempts }).toEqual({ messageId: null, attempts: 0 });
    expect(raw.value).toEqual(Buffer.alloc(0));
    expect(Object.fromEntries(raw.headers.map(([name, value]) => [name, value.toString()]))).toMatchObject({
      nested: '{"a":[1]}',
      nothing: "null",
    });
    const failed = failureOf(new Error("no id"), { worker: "label", attempts: 1 });
    expect(await rabbit.fail(seen[0]!, failed)).toBe("retry");
    await expect.poll(() => seen.length).toBe(2);
    expect(seen[1]!.messageId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("waits for a broker that is not up yet", { timeout: 90_000 }, async () => {
    const { url } = await broker.node().vhost();
    await broker.node().kill();
    const rabbit = broker.connectTo(url);
    const { held: seen, take } = hands();
    const up = rabbit.declareTopology(0.01).then(() => rabbit.consume(queues.label, take));
    expect(rabbit.state().consuming).toBe("connecting");
    await broker.node().start();
    await up;
    await rabbit.publish(messages(1));
    await expect.poll(() => seen.length).toBe(1);
  });

  it("ends at once when closed while waiting for a broker", async () => {
    const rabbit = broker.connectTo("amqp://guest:guest@127.0.0.1:9/");
    const declaring = rabbit.declareTopology();
    const consuming = rabbit.consume(queues.label, () => {});
    const both = Promise.allSettled([declaring, consuming]);
    await rabbit.close();
    for (const { status, reason } of (await both) as PromiseRejectedResult[])
      expect({ status, name: reason.name }).toEqual({ status: "rejected", name: "RabbitClosed" });
  });
});

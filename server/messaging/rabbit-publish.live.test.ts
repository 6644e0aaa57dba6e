import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { exchanges } from "#contracts/topology";
import { message, messages, names, rabbitTestBroker } from "./rabbit-test-broker.ts";

const broker = rabbitTestBroker();

/** A TCP proxy that can withhold the broker's answers and cut its connections. */
async function proxy() {
  const sockets = new Set<Socket>();
  let muted = false;
  const server = createServer((client) => {
    const upstream = connectSocket(broker.node().port, "127.0.0.1");
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
    client.pipe(upstream);
    upstream.on("data", (bytes) => muted || client.write(bytes));
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    muted = false;
  };
  onTestFinished(() => {
    server.close();
    cut();
  });
  const { port } = server.address() as { port: number };
  const mute = () => {
    muted = true;
  };
  return { port, cut, mute };
}

describe("RabbitMQ 3.10 itself", () => {
  it("confirms a message that no queue takes, unless asked to return it (M6)", async () => {
    const channel = await broker.bareChannel((await broker.node().vhost()).url);
    const returned: string[] = [];
    channel.on("return", ({ properties }) => returned.push(properties.messageId));
    channel.sendToQueue("nowhere", Buffer.from("lost"), { messageId: "1" });
    channel.sendToQueue("nowhere", Buffer.from("returned"), { messageId: "2", mandatory: true });
    await channel.waitForConfirms();
    expect(returned).toEqual(["2"]);
  });

  it("loses what a classic queue hands on to a missing queue; a quorum queue keeps it until that queue is there (M6)", async () => {
    await broker.node().ctl("eval", "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 300).");
    const channel = await broker.bareChannel((await broker.node().vhost()).url);
    const handsOn = { "x-message-ttl": 1, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "later" };
    const atLeastOnce = { "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish" };
    await channel.assertQueue("classic", { arguments: handsOn });
    await channel.assertQueue("quorum", { arguments: { ...handsOn, ...atLeastOnce, "x-queue-type": "quorum" } });
    for (const queue of ["classic", "quorum"]) channel.sendToQueue(queue, Buffer.from(queue));
    await channel.waitForConfirms();
    for (const queue of ["classic", "quorum"])
      await expect.poll(async () => (await channel.checkQueue(queue)).messageCount).toBe(0);
    await channel.assertQueue("later");
    await expect.poll(async () => (await channel.checkQueue("later")).messageCount, { timeout: 5_000 }).toBe(1);
    expect(await channel.get("later")).toMatchObject({ content: Buffer.from("quorum") });
  });
});

describe("publishing", () => {
  it("tells of every message whether it is stored, in order", async () => {
    const { rabbit } = await broker.port();
    const outcomes = await rabbit.publish([
      message(),
      message({ routingKey: "nowhere" }),
      message({ exchange: "no-such-exchange" }),
      message({ headers: { huge: "x".repeat(100_000) } }),
      message({ value: Buffer.alloc(17_000_000) }),
      message({ routingKey: "x".repeat(300) }),
      message(),
    ]);
    expect(names(outcomes)).toEqual([null, "NotRouted", "NotRouted", "NotRouted", "NotRouted", "NotRouted", null]);
    await expect.poll(() => rabbit.depth("label")).toEqual({ ready: 2, consumers: 0 });
    expect(await rabbit.depth("nowhere")).toBeNull();
  });

  it("serves thousands of callers at once, each with its own outcome", async () => {
    const { rabbit } = await broker.port();
    const routingKeys = Array.from({ length: 3_000 }, (_, at) => (at % 3 === 0 ? "nowhere" : "label"));
    const outcomes = await Promise.all(routingKeys.map((routingKey) => rabbit.publish([message({ routingKey })])));
    expect(names(outcomes.flat())).toEqual(routingKeys.map((key) => (key === "label" ? null : "NotRouted")));
    await expect.poll(() => rabbit.depth("label")).toEqual({ ready: 2_000, consumers: 0 });
  });

  it("knows two messages with the same id apart when only one has a queue", async () => {
    const { rabbit } = await broker.port();
    const messageId = randomUUID();
    const outcomes = await rabbit.publish([message({ messageId, routingKey: "nowhere" }), message({ messageId })]);
    expect(names(outcomes)).toEqual(["NotRouted", null]);
  });

  it("counts a full queue that refuses as not routed (M6)", async () => {
    const { url } = await broker.node().vhost();
    const channel = await broker.bareChannel(url);
    await channel.assertQueue("full", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
    const rabbit = broker.connectTo(url, { exchanges: [], exchangeBindings: [], families: [], delayQueues: [] });
    const outcomes = [];
    for (let sent = 0; sent < 5; sent += 1) outcomes.push(...(await rabbit.publish([message({ routingKey: "full" })])));
    expect(names(outcomes)).toEqual([null, "NotRouted", "NotRouted", "NotRouted", "NotRouted"]);
    expect(outcomes[1]!.message).toContain("refused");
  });

  it("brings back an exchange and a queue that somebody deleted, and outlives the channel this costs (M7)", async () => {
    const { rabbit, url } = await broker.port();
    const viaExchange = () => rabbit.publish([message({ exchange: exchanges.paymentMethod.name, routingKey: "cod" })]);
    expect(names(await viaExchange())).toEqual([null]);
    const channel = await broker.bareChannel(url);
    await channel.deleteExchange(exchanges.paymentMethod.name);
    await channel.deleteQueue("label");
    expect(names(await viaExchange())).toEqual(["OutcomeUnknown"]);
    expect(names(await viaExchange())).toEqual([null]);
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
  });

  it("does not know the outcome when the connection is cut before the confirm, and the message may be there (M7)", async () => {
    const { rabbit: direct, vhost } = await broker.port();
    const between = await proxy();
    const rabbit = broker.connectTo(`amqp://guest:guest@127.0.0.1:${between.port}/${vhost}`);
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
    between.mute();
    const publishing = rabbit.publish([message(), message()]);
    await expect.poll(() => direct.depth("label")).toMatchObject({ ready: 3 });
    between.cut();
    expect(names(await publishing)).toEqual(["OutcomeUnknown", "OutcomeUnknown"]);
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
  });

  it("does not wait longer than 10 s for a broker that went silent, and goes on with a new connection", async () => {
    const { vhost } = await broker.port();
    const between = await proxy();
    const rabbit = broker.connectTo(`amqp://guest:guest@127.0.0.1:${between.port}/${vhost}`);
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
    between.mute();
    const startedAt = performance.now();
    expect(names(await rabbit.publish([message()]))).toEqual(["OutcomeUnknown"]);
    expect(performance.now() - startedAt).toBeGreaterThan(9_900);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    between.cut();
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
  });

  it("answers after close instead of throwing or hanging", async () => {
    const { rabbit } = await broker.port();
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
    await rabbit.close();
    expect(names(await rabbit.publish([message()]))).toEqual(["OutcomeUnknown"]);
    expect(rabbit.state()).toMatchObject({ publishing: "closed", consuming: "closed" });
  });

  it("waits while a memory alarm blocks it, longer than it would for a silent broker, and goes on when it is over", {
    timeout: 90_000,
  }, async () => {
    const { rabbit } = await broker.port();
    expect(names(await rabbit.publish([message()]))).toEqual([null]);
    await broker.node().ctl("set_vm_memory_high_watermark", "0.000001");
    // The broker tells a connection that it is blocked when that publishes.
    const first = rabbit.publish([message()]);
    await expect.poll(() => rabbit.state().blocked).toMatch(/memory/);
    let settled = false;
    const waiting = rabbit.publish(messages(1_000)).finally(() => {
      settled = true;
    });
    await sleep(11_000);
    expect(settled).toBe(false);
    await broker.node().ctl("set_vm_memory_high_watermark", "0.6");
    expect(names([...(await first), ...(await waiting)]).filter((name) => name !== null)).toEqual([]);
    expect(rabbit.state().blocked).toBeNull();
    await expect.poll(() => rabbit.depth("label")).toMatchObject({ ready: 1_002 });
  });

  it("loses no confirmed message when the broker is killed under load", async () => {
    const { rabbit } = await broker.port();
    const received = new Set<string>();
    for (const name of ["label", "email"])
      await rabbit.consume({ name, prefetch: 100 }, (delivery) => {
        received.add(delivery.messageId!);
        delivery.ack();
      });
    const sent = new Set<string>();
    const confirmed = new Set<string>();
    let running = true;
    const load = async () => {
      while (running) {
        const batch = Array.from({ length: 100 }, (_, at) => message({ routingKey: at % 2 ? "label" : "email" }));
        for (const { messageId } of batch) sent.add(messageId);
        const outcomes = await rabbit.publish(batch);
        for (const [at, outcome] of outcomes.entries()) if (outcome === null) confirmed.add(batch[at]!.messageId);
      }
    };
    const loads = [load(), load()];
    for (const afterMs of [700, 300]) {
      const before = confirmed.size;
      await expect.poll(() => confirmed.size, { timeout: 20_000 }).toBeGreaterThan(before + 500);
      await sleep(afterMs);
      await broker.node().kill();
      await broker.node().start();
    }
    const before = confirmed.size;
    await expect.poll(() => confirmed.size, { timeout: 20_000 }).toBeGreaterThan(before + 500);
    running = false;
    await Promise.all(loads);
    await expect.poll(() => [...confirmed].filter((id) => !received.has(id)).length, { timeout: 20_000 }).toBe(0);
    expect([...received].every((id) => sent.has(id))).toBe(true);
    expect(sent.size).toBeGreaterThan(confirmed.size);
  }, 60_000);
});

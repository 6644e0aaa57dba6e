import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createRabbitObserver } from "./rabbit-observe.ts";
import { hands, messages, rabbitTestBroker } from "./rabbit-test-broker.ts";

const broker = rabbitTestBroker();
const nowhere = "http://127.0.0.1:9";

function observerOf(url: string, managementUrl = nowhere) {
  const observer = createRabbitObserver({ url, managementUrl, scale: 0.01 });
  onTestFinished(() => observer.close());
  return observer;
}

test("A7: by AMQP alone every queue of ours has its depth and its consumers, the rest is unknown", async () => {
  const { rabbit, url } = await broker.port();
  await rabbit.publish(messages(3));
  const { take } = hands();
  await rabbit.consume({ name: "audit", prefetch: 1 }, take);
  const { source, queues } = await observerOf(url).observe();
  expect(source).toBe("amqp");
  expect(queues.map(({ name }) => name)).toContain("label.retry.10ms");
  expect(queues.find(({ name }) => name === "label")).toEqual({
    ...{ name: "label", ready: 3, consumers: 0, unacked: null },
    ...{ published: null, delivered: null, acked: null },
  });
  expect(queues.find(({ name }) => name === "audit")).toMatchObject({ consumers: 1 });
});

test("A7: where the management API answers, one request tells unacknowledged messages, counters and others' queues", async () => {
  const { rabbit, url, vhost } = await broker.port();
  await rabbit.publish(messages(2));
  const asked: string[] = [];
  const managed = [
    {
      name: "label",
      messages_ready: 99,
      messages_unacknowledged: 4,
      consumers: 7,
      message_stats: { publish: 5, ack: 1 },
    },
    { name: "somebody's", messages_ready: 1, messages_unacknowledged: 0, consumers: 0 },
  ];
  const api = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.end(JSON.stringify(managed));
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  onTestFinished(() => void api.close());
  const observer = observerOf(url, `http://127.0.0.1:${(api.address() as AddressInfo).port}`);
  await observer.observe();
  const { source, queues } = await observer.observe();
  expect(source).toBe("management");
  // The depth is AMQP's: the API's is seconds old.
  expect(queues.find(({ name }) => name === "label")).toEqual({
    ...{ name: "label", ready: 2, consumers: 0, unacked: 4 },
    ...{ published: 5, delivered: 0, acked: 1 },
  });
  expect(queues.find(({ name }) => name === "somebody's")).toMatchObject({ ready: 1, unacked: 0, published: null });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain(`/api/queues/${vhost}?columns=name,`);
  expect(asked[0]).toContain(`Basic ${Buffer.from("guest:guest").toString("base64")}`);
});

test("queues that are not there are no fault, and come when they are declared", async () => {
  const { url } = await broker.node().vhost();
  const observer = observerOf(url);
  expect((await observer.observe()).queues).toEqual([]);
});

test("while RabbitMQ is away it is said so soon, and it goes on by itself", { timeout: 90_000 }, async () => {
  const { url } = await broker.port();
  const observer = observerOf(url);
  await observer.observe();
  await broker.node().kill();
  const startedMs = performance.now();
  await expect(observer.observe()).rejects.toThrow();
  expect(performance.now() - startedMs).toBeLessThan(4_000);
  await broker.node().start();
  await expect.poll(async () => (await observer.observe().catch(() => null))?.source, { timeout: 30_000 }).toBe("amqp");
});

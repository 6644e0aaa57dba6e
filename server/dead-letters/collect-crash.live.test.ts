import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { startFaultProxy } from "#server/messaging/fault-proxy";
import type { CrashPoint } from "#server/platform/crash-point";
import { type Buried, collectorStage, stored, untilStored } from "./collector-test-stage.ts";

const stage = collectorStage();

const envelope = (id: string) => Buffer.from(JSON.stringify({ id, type: "order.placed", version: 1, data: {} }));
const named = (count: number): Buried[] =>
  Array.from({ length: count }, () => randomUUID()).map((messageId) => ({ messageId, value: envelope(messageId) }));
const unnamed = (count: number): Buried[] =>
  Array.from({ length: count }, () => ({ value: Buffer.from("equal, without an id") }));

const points: CrashPoint[] = ["collect:received", "collect:stored", "collect:acknowledged"];

test.each(points)(
  "B1: killed at %s, the collector has lost no letter of RabbitMQ and stored none twice",
  async (point) => {
    const place = await stage.open();
    // An acknowledgement on its way when the process dies may not arrive, which for equal messages without an id can't be told.
    const letters = [...named(40), ...(point === "collect:acknowledged" ? [] : unnamed(3))];
    await place.bury("email.dlq", letters);
    expect(await place.start({ CRASH_AT: point }).ended).toBe("SIGKILL");
    if (point === "collect:received") expect(await stored()).toEqual({ letters: 0, deaths: 0 });
    else expect((await stored()).letters).toBeGreaterThan(0);
    const next = place.start();
    await untilStored(letters.length);
    await expect.poll(place.inQueues, { timeout: 20_000 }).toBe(0);
    await next.stop();
    expect(await place.inQueues()).toBe(0);
    expect(await stored()).toEqual({ letters: letters.length, deaths: letters.length });
  },
  60_000,
);

test.each(points)(
  "B1: killed at %s, the collector has lost no letter of Kafka and stored none twice",
  async (point) => {
    const place = await stage.open();
    await place.buryInKafka(
      named(40).map(({ messageId, value }) => ({ key: Buffer.from(messageId!), value, headers: [] })),
    );
    expect(await place.start({ CRASH_AT: point }).ended).toBe("SIGKILL");
    if (point === "collect:received") expect(await stored()).toEqual({ letters: 0, deaths: 0 });
    else expect((await stored()).letters).toBeGreaterThan(0);
    place.start();
    await untilStored(40, 40_000);
    await expect.poll(place.inTopic, { timeout: 20_000 }).toBe(0);
    expect(await stored()).toEqual({ letters: 40, deaths: 40 });
  },
  90_000,
);

test("while the database is away letters stay in the brokers, and are stored when it is back", async () => {
  const place = await stage.open();
  const url = new URL(process.env.DATABASE_URL!);
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  onTestFinished(() => proxy.close());
  url.host = `${proxy.host}:${proxy.port}`;
  place.start({ DATABASE_URL: url.href });
  await place.bury("email.dlq", named(5));
  await untilStored(5);
  await proxy.set({ mode: "refuse" });
  await place.bury("email.dlq", [...named(20), ...unnamed(3)]);
  await place.buryInKafka(named(10).map(({ value }) => ({ key: null, value, headers: [] })));
  // Some are in its hands, the others still lie in the queue.
  await expect.poll(place.inQueues).toBeLessThan(23);
  expect(await stored()).toEqual({ letters: 5, deaths: 5 });
  await proxy.set({ mode: "pass" });
  await untilStored(38);
  expect(await stored()).toEqual({ letters: 38, deaths: 38 });
}, 60_000);

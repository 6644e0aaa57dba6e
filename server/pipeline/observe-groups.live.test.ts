import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { createKafkaObserver } from "#server/messaging/kafka-observe";
import { moveOffsets, planOffsets } from "#server/messaging/kafka-offsets";
import { kafkaStage, message } from "#server/messaging/kafka-test-stage";
import { forecast, judge, lagOf, type Reading, slowest } from "./burrow.ts";

const stage = kafkaStage();
const kafka = stage.open();
const observer = createKafkaObserver({ brokers: [`${stage.broker.host}:${stage.broker.port}`], clientId: "observer" });
stage.closing.push(() => observer.close());

/** A tenth of the window in earnest. */
const judging = { windowMs: 6_000, least: { readings: 5, spanMs: 2_000 } };

type Seen = { readings: Reading[][]; owners: (string | null)[] };
const seen = new Map<string, Seen>();
let isOver = false;
stage.closing.push(async () => {
  isOver = true;
});

/** Looks four times a second at all groups of this file. */
async function watch(): Promise<void> {
  while (!isOver) {
    const { atMs, groups } = await observer.observe().catch(() => ({ atMs: 0, groups: [] }));
    for (const { group, committed, starts, ends, owners } of groups) {
      if (!group.startsWith(stage.prefix)) continue;
      const name = group.slice(stage.prefix.length);
      const one = seen.get(name) ?? { readings: ends.map(() => []), owners };
      one.owners = owners;
      ends.forEach(
        (end, at) => void one.readings[at]!.push({ atMs, committed: committed[at]!, start: starts[at]!, end }),
      );
      seen.set(name, one);
    }
    await sleep(250);
  }
}
beforeAll(() => void watch());

const verdictOf = (group: string) => {
  const one = seen.get(group);
  return one ? judge(one.readings[0]!, one.owners[0] ?? null, judging) : null;
};
/** Waits for the verdict, which says why in words. */
const untilHealth = (group: string, health: string, reason: RegExp) =>
  expect
    .poll(() => verdictOf(group), { timeout: 25_000, interval: 100 })
    .toEqual({ health, reason: expect.stringMatching(reason) });

const send = (topic: string, many: number) =>
  kafka.send(Array.from({ length: many }, (_, at) => message(topic, `${at}`)));
/** Goes on sending until the file ends. */
function pour(topic: string, perSecond: number) {
  void (async () => {
    for (; !isOver; await sleep(200)) await send(topic, Math.max(1, Math.round(perSecond / 5)));
  })();
}
/** A real consumer that takes `perSecond` and commits each record, up to `upTo` of them; then it hangs. */
async function consumer(
  group: string,
  topic: string,
  { perSecond = 200, upTo = Number.POSITIVE_INFINITY, commits = true } = {},
) {
  const one = stage.bare().consumer({ groupId: stage.prefix + group, sessionTimeout: 6_000, heartbeatInterval: 500 });
  await one.connect();
  await one.subscribe({ topic: stage.prefix + topic, fromBeginning: true });
  let taken = 0;
  const stopping = new AbortController();
  await one.run({
    autoCommit: false,
    eachMessage: async ({ partition, message: { offset }, heartbeat }) => {
      while (taken >= upTo && !stopping.signal.aborted) await sleep(200).then(heartbeat);
      taken += 1;
      await sleep(1_000 / perSecond);
      if (commits)
        await one.commitOffsets([{ topic: stage.prefix + topic, partition, offset: String(BigInt(offset) + 1n) }]);
    },
  });
  const stop = async () => {
    stopping.abort();
    await one.disconnect();
  };
  stage.closing.push(stop);
  return { stop };
}

describe("A1: a group driven by a real consumer", () => {
  test("that reads everything is ok", async () => {
    const topic = await stage.topic();
    await send(topic, 20);
    await consumer("reads-all", topic);
    await untilHealth("reads-all", "ok", /^Caught up at offset 20\.$/);
  });

  test("that was seen for a moment only is not judged, then it falls behind", async () => {
    const topic = await stage.topic();
    await send(topic, 300);
    await consumer("too-slow", topic, { perSecond: 10 });
    await untilHealth("too-slow", "not_enough_data", /too few to judge/);
    pour(topic, 60);
    await untilHealth("too-slow", "warn", /^Lag never fell in .*: from \d+ to [\d,]+\.$/);
    const outlook = () => slowest(seen.get("too-slow")!.readings.map((one) => forecast(one, judging)));
    await expect.poll(outlook, { timeout: 15_000 }).toEqual({ etaMs: null, isGrowing: true });
  });

  test("whose consumer holds on to a record has stalled", async () => {
    const topic = await stage.topic();
    await send(topic, 50);
    await consumer("hangs", topic, { upTo: 5 });
    await untilHealth("hangs", "stall", /^Somebody reads it, but the offset has stood at 5 for .* with lag 45\.$/);
  });

  test("whose consumer is gone has stopped, and its lag goes on growing", async () => {
    const topic = await stage.topic();
    await send(topic, 5_000);
    const reader = await consumer("gone", topic, { perSecond: 50 });
    await untilHealth("gone", "ok", /^Lag [\d,]+, it fell within the last/);
    await reader.stop();
    pour(topic, 20);
    await untilHealth("gone", "stop", /nobody reads it/i);
    const lags = () => lagOf(seen.get("gone")!.readings[0]!.at(-1)!)!;
    const before = lags();
    await expect.poll(lags).toBeGreaterThan(before);
  });

  test("that was set back has rewound, until it is there again", async () => {
    const topic = await stage.topic();
    await send(topic, 600);
    const reader = await consumer("set-back", topic, { perSecond: 400 });
    await expect
      .poll(() => lagOf(seen.get("set-back")?.readings[0]?.at(-1) ?? { atMs: 0, committed: -1n, end: 1n }), {
        timeout: 20_000,
      })
      .toBe(0);
    await reader.stop();
    const [group, name] = [`${stage.prefix}set-back`, stage.prefix + topic];
    const { state, moves } = await planOffsets(observer, group, name, { kind: "earliest" });
    expect(state).toBe("Empty");
    await moveOffsets(observer, group, name, moves!);
    await untilHealth(
      "set-back",
      "rewind",
      /^The offset went back from 600 and is at 0, 600 records before; lag 600\.$/,
    );
    await consumer("set-back", topic, { perSecond: 400 });
    await untilHealth("set-back", "ok", /./);
  });

  test("that never commits has never committed, and adds nothing to the lag", async () => {
    const topic = await stage.topic();
    await send(topic, 10);
    await consumer("never", topic, { commits: false });
    await untilHealth("never", "never_committed", /^No offset was ever committed; 10 records are there\.$/);
    expect(lagOf(seen.get("never")!.readings[0]!.at(-1)!)).toBeNull();
  });
});

test("a group with a reader can't be moved, whatever was planned before", async () => {
  const topic = await stage.topic();
  await send(topic, 3);
  await consumer("alive", topic);
  const [group, name] = [`${stage.prefix}alive`, stage.prefix + topic];
  await expect
    .poll(async () => (await planOffsets(observer, group, name, { kind: "latest" })).state, { timeout: 15_000 })
    .toBe("Stable");
  const { moves } = await planOffsets(observer, group, name, { kind: "offset", partition: 0, offset: 1n });
  await expect(moveOffsets(observer, group, name, moves!)).rejects.toThrow(/somebody has joined/);
});

test("A3: with 90 % on one partition, and more coming, the time left is right within 25 % after a minute", {
  timeout: 200_000,
}, async () => {
  const topic = await stage.topic(10);
  const [group, name] = [`${stage.prefix}skewed`, stage.prefix + topic];
  const producer = stage.bare().producer();
  await producer.connect();
  stage.closing.push(() => producer.disconnect());
  const fill = (partition: number, many: number) =>
    producer.send({ topic: name, messages: Array.from({ length: many }, () => ({ partition, value: "x" })) });
  await Promise.all(Array.from({ length: 10 }, (_, partition) => fill(partition, partition === 0 ? 7_200 : 80)));

  const one = stage.bare().consumer({ groupId: group });
  await one.connect();
  await one.subscribe({ topic: name, fromBeginning: true });
  stage.closing.push(() => one.disconnect());
  // Each partition is read at 110 a second or less, and the full one gets 20 a second more: it takes over 80 s, the
  // others are done at once.
  // By the clock: what a send or a commit takes is no part of the pace.
  const pace = (everyMs: number) => {
    let nextMs: number | undefined;
    return () => {
      nextMs = (nextMs ?? performance.now()) + everyMs;
      return sleep(Math.max(0, nextMs - performance.now()));
    };
  };
  let isFilling = true;
  void (async () => {
    for (const tick = pace(1_000); isFilling && !isOver; await tick()) await fill(0, 20);
  })();
  const paces = Array.from({ length: 10 }, () => pace(90));
  await one.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 10,
    eachBatch: async ({ batch, heartbeat, resolveOffset }) => {
      for (let at = 10; at <= batch.messages.length + 9; at += 10) {
        const last = batch.messages[Math.min(at, batch.messages.length) - 1]!.offset;
        await paces[batch.partition]!();
        resolveOffset(last);
        await one.commitOffsets([{ topic: name, partition: batch.partition, offset: String(BigInt(last) + 1n) }]);
        await heartbeat();
      }
    },
  });
  const lag = () =>
    seen.get("skewed")?.readings.reduce((sum, readings) => sum + (lagOf(readings.at(-1)!) ?? 0), 0) ?? -1;
  await expect
    .poll(() => seen.get("skewed")?.readings[0]?.at(-1)?.committed ?? 0n, { timeout: 20_000 })
    .toBeGreaterThan(0n);
  const startedMs = performance.now();
  await expect.poll(() => performance.now() - startedMs, { timeout: 70_000 }).toBeGreaterThan(60_000);
  const { etaMs } = slowest(seen.get("skewed")!.readings.map((readings) => forecast(readings)));
  const saidMs = performance.now();
  expect(etaMs).toBeGreaterThan(5_000);
  await expect.poll(lag, { timeout: 100_000, interval: 100 }).toBeLessThanOrEqual(20);
  isFilling = false;
  const trueMs = performance.now() - saidMs;
  expect(Math.abs(etaMs! - trueMs) / trueMs).toBeLessThan(0.25);
});

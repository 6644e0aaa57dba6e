import { expect, test } from "vitest";
import { Consumers, PipelineMap, Queues } from "#contracts/api/operations";
import { eventReaders } from "#contracts/process-map";
import { delayQueues, queues } from "#contracts/topology";
import { contractTopology, planQueues } from "#server/messaging/topology-plan";
import { showConsumers } from "./consumers.ts";
import { moneyInWords } from "./in-words.ts";
import { showMap } from "./map.ts";
import type { QueueFigures } from "./observe-queues.ts";
import { showQueues } from "./queues.ts";
import { knownAt, type Observed, windowKey } from "./read-observed.ts";

const at = new Date("2026-03-01T10:00:00Z");
const up = { isUp: true, since: "2026-03-01T08:00:00.000Z", reason: null };
const calm = { areDead: false };

/** A pipeline at work, all read; `lags` per worker grow by 5 a second. */
function observed(lags: Record<string, number> = {}, more: Partial<Observed> = {}): Observed {
  const groups = eventReaders.map(({ worker }) => {
    const lag = lags[worker] ?? 0;
    return {
      ...{ group: `p.${worker}`, topic: "p.order.events", state: "Stable", members: 1, owners: ["w@1"] },
      ...{
        committed: [String(10_000)],
        starts: ["0"],
        ends: [String(10_000 + lag)],
        firstUnreadMs: [lag > 0 ? at.getTime() - 60_000 : null],
      },
    };
  });
  const windows = new Map(
    groups.map((group) => [
      windowKey(group),
      [
        Array.from({ length: 31 }, (_, step) => ({
          ...{ atMs: at.getTime() - (30 - step) * 2_000, committed: BigInt(9_700 + step * 10), start: 0n },
          end: BigInt(Number(group.ends[0]) - (group.ends[0] === "10000" ? (30 - step) * 10 : (30 - step) * 20)),
        })),
      ],
    ]),
  );
  const figures: QueueFigures[] = planQueues(contractTopology, 1).map(({ name }) => ({
    ...{ name, ready: 0, unacked: 0, consumers: 1, inPerSecond: 2, outPerSecond: 2, ackPerSecond: 2 },
    ...{ slope: 0, busySinceMs: null, oldestMs: null },
  }));
  return {
    ...{
      at,
      known: { kafka: up, rabbitmq: up, queueSource: "management" },
      figures: null,
      groups,
      windows,
      queues: figures,
    },
    ...{
      waiting: new Map(),
      pauses: new Map(),
      retries: new Map(),
      dead: new Map(),
      outbox: { unsent: 0, oldestMs: null },
    },
    ...{ placedPerSecond: 2, scale: 1, prefix: "p." },
    ...more,
  };
}
const show = (seen: Observed, workers = calm) => {
  const [consumers, families] = [Consumers.parse(showConsumers(seen)), Queues.parse(showQueues(seen))];
  return { consumers, families, map: PipelineMap.parse(showMap(seen, consumers, families, workers)) };
};
const words = (seen: Observed, worker: string) =>
  show(seen).consumers.groups.find((group) => group.worker === worker)!.inWords;

test("a pipeline at rest is well, and every way begins and ends at a place", () => {
  const { map } = show(observed());
  const sentence = "All is well, 120 orders a minute, nothing falls behind.";
  expect(map.health).toEqual({ status: "ok", sentence, href: null });
  expect(map.nodes.filter(({ status }) => status !== "ok")).toEqual([]);
  const ids = map.nodes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(map.edges.filter(({ from, to }) => !ids.includes(from) || !ids.includes(to))).toEqual([]);
  expect(ids.filter((id) => !map.edges.some(({ from, to }) => from === id || to === id))).toEqual(["dead-letters"]);
});

test("lag is told in orders, money and time", () => {
  const waiting = new Map([
    [
      "reserved",
      { orders: 37, money: [{ currency: "EUR", cents: 421_000 }], oldestAt: new Date(at.getTime() - 360_000) },
    ],
    [
      "paid",
      {
        orders: 1,
        money: [
          { currency: "JPY", cents: 1_200 },
          { currency: "EUR", cents: 5 },
        ],
        oldestAt: at,
      },
    ],
  ]);
  const seen = observed({ "create-shipment": 400, "project-orders": 1_200 }, { waiting });
  expect(words(seen, "create-shipment")).toBe(
    "37 reserved orders wait for shipping, 4,210.00 EUR, oldest 6 min, growing.",
  );
  expect(words(seen, "reserve-stock")).toBe("1 paid order waits for stock, 1,200 JPY and 0.05 EUR, oldest 0 s.");
  expect(words(seen, "charge-payment")).toBe("No order waits for payment.");
  expect(words(seen, "project-orders")).toBe("1,200 events wait to be shown in the lists, oldest 60 s, growing.");
  const { map, consumers } = show(seen);
  expect(consumers.groups[0]!.worker).toBe("charge-payment");
  expect(map.edges.find(({ to }) => to === "worker:create-shipment")).toMatchObject({
    ...{ waiting: 400, status: "busy", perSecond: 5, money: [{ currency: "EUR", cents: 421_000 }] },
  });
  expect(map.health.sentence).toBe(
    "create-shipment falls behind by 400 events, project-orders falls behind by 1,200 events.",
  );
});

test("a group without members is broken, one that somebody paused is not", () => {
  const seen = observed(
    { "create-shipment": 3 },
    { waiting: new Map([["reserved", { orders: 2, money: [{ currency: "EUR", cents: 9_950 }], oldestAt: at }]]) },
  );
  seen.groups.find(({ group }) => group === "p.create-shipment")!.members = 0;
  expect(show(seen).map.health).toEqual({
    status: "bad",
    sentence: "create-shipment does not run: 2 orders wait, 99.50 EUR.",
    href: "/consumers/p.create-shipment",
  });
  const paused = { ...seen, pauses: new Map([["create-shipment", "ann@example.com"]]) };
  expect(show(paused).map.health).toEqual({
    status: "busy",
    sentence: "create-shipment is paused: 2 orders wait, 99.50 EUR.",
    href: "/consumers/p.create-shipment",
  });
  expect(words(paused, "create-shipment")).toMatch(/paused by ann@example\.com\.$/);
});

test("what nobody reads is drained at no time, whatever pace it had a while ago", () => {
  const seen = observed({ "create-shipment": 40 });
  const [group] = seen.groups.filter((one) => one.group === "p.create-shipment");
  // It came all at once: read faster than written ever since.
  const [window] = seen.windows.get(windowKey(group!))!;
  for (const reading of window!) reading.end = BigInt(group!.ends[0]!);
  const etas = (one: Observed) => {
    const view = show(one).consumers.groups.find(({ worker }) => worker === "create-shipment")!;
    return [view.etaMs, view.partitions[0]!.etaMs];
  };
  expect(etas(seen)).toEqual([8_000, 8_000]);
  expect(etas({ ...seen, pauses: new Map([["create-shipment", "ann@example.com"]]) })).toEqual([null, null]);
  group!.members = 0;
  expect(etas(seen)).toEqual([null, null]);

  const mails = (change: object, pauses: Observed["pauses"] = new Map()) => {
    const one = observed({}, { pauses });
    Object.assign(one.queues.find(({ name }) => name === "email")!, { ready: 12, slope: -3, ...change });
    return show(one).families.families.find(({ name }) => name === "email")!.etaMs;
  };
  expect(mails({})).toBe(4_000);
  expect(mails({ consumers: 0 })).toBeNull();
  expect(mails({}, new Map([["send-email", "ann@example.com"]]))).toBeNull();
});

test("an outside system is busy while something for it has to be tried again, and unknown where nobody can tell", () => {
  const statusOf = (seen: Observed, id: string) => {
    const { status, detail } = show(seen).map.nodes.find((node) => node.id === `outside:${id}`)!;
    return `${status}: ${detail}`;
  };
  const waits = (name: string, ready: number) =>
    observed().queues.map((queue) => (queue.name === name ? { ...queue, ready } : queue));
  const away = { ...observed().known, rabbitmq: { isUp: false, since: null, reason: "gone" } };
  expect(statusOf(observed({}, { retries: new Map([["create-shipment", 3]]) }), "carrier")).toBe(
    "busy: 3 tried again later",
  );
  expect(statusOf(observed({}, { queues: waits("webhook.retry.25s", 2) }), "partners")).toBe(
    "busy: 2 tried again later",
  );
  // A mail that rests before it is sent did not fail.
  expect(statusOf(observed({}, { queues: waits(delayQueues.confirmation.name, 9) }), "mail")).toBe("ok: by send-email");
  expect(statusOf(observed({}, { known: away }), "mail")).toBe("unknown: by send-email");
});

test("the web that lost its workers paints them all at once", () => {
  const { map } = show(observed(), { areDead: true });
  expect(map.nodes.filter(({ kind, status }) => kind === "worker" && status === "bad")).toHaveLength(12);
  expect(map.health.status).toBe("bad");
});

test("a broker that is away makes its part unknown, never empty", () => {
  const away = { isUp: false, since: new Date(at.getTime() - 300_000).toISOString(), reason: "no answer" };
  const { map, families } = show(observed({}, { known: { kafka: up, rabbitmq: away, queueSource: "none" } }));
  expect(map.health).toEqual({
    status: "unknown",
    sentence: "RabbitMQ has not been seen for 5 min.",
    href: "/queues",
  });
  expect(new Set(families.families.map(({ status }) => status))).toEqual(new Set(["unknown"]));
  expect(map.nodes.find(({ id }) => id === "queue:email")).toMatchObject({ status: "unknown", detail: "unknown" });
  expect(map.nodes.find(({ id }) => id === "worker:charge-payment")).toMatchObject({ status: "ok" });
});

test("a family is its queue, its waiting rooms and its dead letters", () => {
  const seen = observed({}, { dead: new Map([["email", 2]]) });
  const set = (name: string, more: Partial<QueueFigures>) =>
    Object.assign(seen.queues.find((queue) => queue.name === name)!, more);
  set("email", { ready: 12, slope: -3, oldestMs: 3_000, consumers: 2 });
  set("email.retry.30s", { ready: 2, busySinceMs: at.getTime() - 20_000 });
  set("email.dlq", { ready: 1 });
  const { families, map } = show(seen);
  const email = families.families.find(({ name }) => name === "email")!;
  expect(email.inWords).toBe("12 mails wait, oldest 3 s, drained in about 4 s, 2 wait for a later attempt, 3 dead.");
  expect(email.retries.map(({ name, nextReturnMs }) => [name, nextReturnMs])).toEqual([
    ["email.retry.1s", null],
    ["email.retry.5s", null],
    ["email.retry.30s", 10_000],
    ["confirmation.delay", null],
  ]);
  expect(families.families).toHaveLength(Object.keys(queues).length);
  expect(map.edges.filter(({ to }) => to === "dead-letters")).toMatchObject([{ from: "queue:email", waiting: 3 }]);
  expect(families.others).toEqual([]);
});

test("what nobody observes is not known, since the last look", () => {
  const figures = { known: { kafka: up, rabbitmq: up, queueSource: "amqp" as const } };
  expect(knownAt({ at, figures }, new Date(at.getTime() + 5_000))).toEqual(figures.known);
  expect(knownAt({ at, figures }, new Date(at.getTime() + 60_000)).kafka).toMatchObject({
    isUp: false,
    since: at.toISOString(),
  });
  expect(knownAt(null, at).rabbitmq).toMatchObject({ isUp: false, since: null });
});

test("money is exact, whatever its currency's smallest unit is", () => {
  expect(
    moneyInWords([
      { currency: "EUR", cents: -5 },
      { currency: "JPY", cents: 123_456 },
      { currency: "KWD", cents: 1_234_567 },
    ]),
  ).toBe("-0.05 EUR and 123,456 JPY and 1,234.567 KWD");
});

test("in a cluster of a thousand groups the others that rest come without their partitions, ours and those that lag with them", () => {
  const seen = observed();
  const [own] = seen.groups;
  for (let index = 0; index < 1_000; index += 1) {
    const other = { ...own!, group: `other-${index}`, ends: [index === 7 ? "10400" : "10000"] };
    seen.groups.push(other);
    const window = seen.windows.get(windowKey(own!))![0]!;
    seen.windows.set(windowKey(other), [[...window.slice(0, -1), { ...window.at(-1)!, end: BigInt(other.ends[0]!) }]]);
  }
  const { consumers } = show(seen);
  expect(consumers.groups.filter(({ partitions }) => partitions.length > 0).map(({ group }) => group)).toHaveLength(7);
  expect(JSON.stringify(consumers).length).toBeLessThan(400_000);
});

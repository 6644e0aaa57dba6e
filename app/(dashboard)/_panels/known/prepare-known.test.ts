import { expect, test } from "vitest";
import type { Known } from "#contracts/api/operations";
import { prepareGaps, prepareQueueSource } from "./prepare-known.ts";

const up = { isUp: true, since: "2026-11-21T09:00:00.000Z", reason: null };
const known: Known = { kafka: up, rabbitmq: up, queueSource: "management" };
const down = { isUp: false, since: "2026-11-21T10:02:11.000Z", reason: "connection refused" };

test("when all brokers answer nothing needs to be said", () => {
  expect(prepareGaps(known, ["kafka", "rabbitmq"], "utc", "2026-11-21")).toEqual([]);
  expect(prepareQueueSource(known)).toBeNull();
});

test("a silent broker is named, with since when and why", () => {
  expect(prepareGaps({ ...known, kafka: down }, ["kafka", "rabbitmq"], "utc", "2026-11-21")).toEqual([
    {
      broker: "kafka",
      title: "Kafka has not answered since 10:02:11 UTC",
      detail: "connection refused. What is shown of it is what was last seen.",
    },
  ]);
});

test("a screen of Kafka does not speak of RabbitMQ", () => {
  expect(prepareGaps({ ...known, rabbitmq: down }, ["kafka"], "utc", "2026-11-21")).toEqual([]);
});

test("a broker that never answered has shown nothing", () => {
  const [gap] = prepareGaps(
    { ...known, kafka: { isUp: false, since: null, reason: null } },
    ["kafka"],
    "utc",
    "2026-11-21",
  );
  expect(gap).toMatchObject({ title: "Kafka does not answer", detail: "Nothing was seen of it yet." });
});

test("by AMQP alone rates are said to be unknown", () => {
  expect(prepareQueueSource({ ...known, queueSource: "amqp" })).toContain("unknown without the management API");
});

import { describe, expect, it } from "vitest";
import { deadLetterQueueName } from "#contracts/topology";
import { contractTopology, planQueues, scaledMs } from "./topology-plan.ts";

const plan = planQueues(contractTopology, 1);
const position = (name: string) => plan.findIndex((queue) => queue.name === name);
const queue = (name: string) => plan[position(name)]!.arguments;

describe("the plan of queues", () => {
  it("has every queue once", () => {
    expect(new Set(plan.map(({ name }) => name)).size).toBe(plan.length);
  });

  it("sets every dead-letter queue before whatever hands messages to it", () => {
    for (const { name, arguments: args } of plan) {
      const target = args["x-dead-letter-routing-key"];
      if (typeof target === "string" && target.endsWith(".dlq")) expect(position(target)).toBeLessThan(position(name));
    }
  });

  it("hands on only to queues of the plan, and from quorum queues at least once", () => {
    for (const { arguments: args } of plan) {
      if (args["x-dead-letter-routing-key"] === undefined) continue;
      expect(position(String(args["x-dead-letter-routing-key"]))).toBeGreaterThanOrEqual(0);
      if (args["x-queue-type"] === "quorum")
        expect(args).toMatchObject({ "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish" });
    }
  });

  it("gives every family that keeps its messages a dead-letter queue without any limit that could be reached", () => {
    for (const family of contractTopology.families.filter(({ bestEffort }) => !bestEffort)) {
      expect(queue(deadLetterQueueName(family))).toEqual({
        "x-queue-type": "quorum",
        "x-delivery-limit": 1_000_000_000,
      });
      expect(queue(family.name)["x-dead-letter-routing-key"]).toBe(deadLetterQueueName(family));
    }
  });

  it("keeps e-mail classic, for its priorities, and analytics without anything that would keep it", () => {
    expect(queue("email")).toMatchObject({
      "x-queue-type": "classic",
      "x-max-priority": 10,
      "x-message-ttl": 86_400_000,
    });
    expect(queue("analytics")).toEqual({ "x-queue-type": "classic", "x-message-ttl": 7_200_000 });
    expect(plan[position("analytics")]!.durable).toBe(false);
    expect(position("analytics.dlq")).toBe(-1);
  });

  it("scales waits, names retry queues after the real wait, and leaves the age limits of main queues alone", () => {
    const scaled = planQueues(contractTopology, 0.01);
    const find = (name: string) => scaled.find((one) => one.name === name)?.arguments;
    expect(queue("email.retry.30s")["x-message-ttl"]).toBe(30_000);
    expect(find("email.retry.300ms")).toMatchObject({ "x-message-ttl": 300, "x-dead-letter-routing-key": "email" });
    expect(find("confirmation.delay")).toMatchObject({ "x-message-ttl": 50 });
    expect(find("email")).toMatchObject({ "x-message-ttl": 86_400_000 });
    expect(scaledMs(1, 0.001)).toBe(1);
  });
});

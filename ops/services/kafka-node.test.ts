import { expect, test } from "vitest";
import { javaMajor } from "./kafka-jars.ts";
import { nodeOf } from "./kafka-node.ts";

const settingsOf = (config: string) => Object.fromEntries(config.split("\n").map((line) => line.split(/=(.*)/, 2)));

test("three brokers keep three copies, and two must have a message before it counts", () => {
  const { port, config } = nodeOf({ dir: "/data", port: 9092, index: 2, count: 3 });
  expect(port).toBe(9112);
  expect(settingsOf(config)).toMatchObject({
    "node.id": "3",
    "controller.quorum.voters": "1@127.0.0.1:9093,2@127.0.0.1:9103,3@127.0.0.1:9113",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
  });
});

test("one broker alone can keep its own promises, and listens on this machine only", () => {
  const settings = settingsOf(nodeOf({ dir: "/data", port: 9092, index: 0, count: 1 }).config);
  expect(settings).toMatchObject({
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "auto.create.topics.enable": "false",
    listeners: "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
  });
});

test.each([
  ['openjdk version "17.0.13" 2024-10-15', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_392"', 8],
  ["", 0],
])("%s is Java %i", (told, major) => expect(javaMajor(told)).toBe(major));

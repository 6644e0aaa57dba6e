import { expect, test } from "vitest";
import { prepareCount, prepareTopics } from "./prepare-topics.ts";

const topic = {
  name: "order.events",
  isOurs: true,
  partitions: 12,
  replicas: 1,
  underReplicated: 0,
  retentionMs: "604800000",
  records: "9007199254740993",
};

test("our topics come first, with what they hold and how long", () => {
  const [first] = prepareTopics([{ ...topic, name: "a-foreign-one", isOurs: false }, topic]);
  expect(first).toEqual({
    name: "order.events",
    href: "/topics/order.events",
    owner: "ours",
    partitions: "12 × 1 replica",
    sync: { label: "In sync", tone: "good" },
    retention: "7 d",
    records: "9,007,199,254,740,993",
  });
});

test("a partition without all its replicas is bad news", () => {
  expect(prepareTopics([{ ...topic, underReplicated: 2 }])[0]?.sync).toEqual({
    label: "2 partitions lack replicas",
    tone: "bad",
  });
});

test.each([
  ["-1", "for ever"],
  [null, "unknown"],
])("a retention of %s reads %s", (retentionMs, text) => {
  expect(prepareTopics([{ ...topic, retentionMs }])[0]?.retention).toBe(text);
});

test("a search says how many of all it found", () => {
  expect(prepareCount(3, 1_012)).toBe("3 topics of 1,012");
  expect(prepareCount(12, 12)).toBe("12 topics");
});

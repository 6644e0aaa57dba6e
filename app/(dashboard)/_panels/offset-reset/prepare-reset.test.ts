import { describe, expect, test } from "vitest";
import { preparePlan, prepareTarget, type ResetForm, refuseReset } from "./prepare-reset.ts";

const form: ResetForm = { kind: "earliest", at: undefined, partition: "", offset: "" };

describe("where a group shall read from", () => {
  test.each<[Partial<ResetForm>, ReturnType<typeof prepareTarget>]>([
    [{}, { kind: "earliest" }],
    [{ kind: "time" }, undefined],
    [
      { kind: "time", at: "2026-11-21T10:00:00.000Z" },
      { kind: "time", at: "2026-11-21T10:00:00.000Z" },
    ],
    [{ kind: "offset", partition: "3" }, undefined],
    [
      { kind: "offset", partition: "3", offset: "9007199254740993" },
      { kind: "offset", partition: 3, offset: "9007199254740993" },
    ],
  ])("%o is %o", (change, target) => {
    expect(prepareTarget({ ...form, ...change })).toEqual(target);
  });
});

test("a plan says of each partition what is read again and what is skipped", () => {
  const partitions = [
    { partition: 0, from: "120", to: "100", records: 20 },
    { partition: 1, from: "100", to: "101", records: 1 },
    { partition: 2, from: "7", to: "7", records: 0 },
    { partition: 3, from: null, to: "0", records: 0 },
  ];
  expect(preparePlan({ isDone: false, partitions }).map(({ meaning }) => meaning)).toEqual([
    "20 records read again",
    "1 record skipped",
    "stays where it is",
    "begins here; what is older is not read",
  ]);
});

test("only a stopped group can be moved, and only while Kafka answers", () => {
  expect(refuseReset({ members: 0, isKafkaUp: true })).toBeNull();
  expect(refuseReset({ members: 2, isKafkaUp: true })).toContain("2 members");
  expect(refuseReset({ members: 0, isKafkaUp: false })).toContain("Kafka does not answer");
});

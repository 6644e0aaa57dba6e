import { describe, expect, test } from "vitest";
import type { BrowsedRecord } from "#contracts/api/operations";
import { type Reading, takeLines } from "../../_queries/use-browse.ts";
import {
  prepareProgress,
  prepareQuestion,
  prepareRecord,
  prepareShare,
  readForm,
  writeForm,
} from "./prepare-browse.ts";

const record: BrowsedRecord = {
  partition: 3,
  offset: "48122",
  at: "2026-11-21T10:00:00.000Z",
  key: "a",
  headers: [],
  value: '{"a":1}',
  isCut: false,
  decodedAs: "json",
  schema: null,
  error: null,
  orderId: null,
};
const begun: Reading = { state: "reading", records: [], progress: null, reason: null };
const form = (query: string) => readForm(new URLSearchParams(query));

test("a link without a question reads the newest 100", () => {
  expect(prepareQuestion(form(""))).toEqual({ question: { from: "newest", limit: 100 } });
});

test("a question goes into the URL and comes back from it", () => {
  const asked = form("partition=3&from=offset&offset=48122&key=a&text=refused&limit=500");
  const query = new URLSearchParams(Object.entries(writeForm(asked)).filter(([, value]) => value !== ""));
  expect(readForm(query)).toEqual(asked);
  expect(prepareQuestion(asked)).toEqual({
    question: { partition: 3, from: "offset", offset: "48122", key: "a", text: "refused", limit: 500 },
  });
});

describe("a question that can't be asked says why", () => {
  test.each([
    ["from=offset", "Say from which offset to read."],
    ["from=time", "Say from which time to read."],
    ["header=trace", "A header is written as name=value."],
    ["path=data.order", "A path is written as data.order.currency=EUR."],
    ["limit=9000", "limit:"],
  ])("%s", (query, problem) => {
    expect(prepareQuestion(form(query))).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});

test("an offset that no longer matters does not stay in the URL", () => {
  expect(writeForm(form("from=newest&offset=5"))).toMatchObject({ from: "", offset: "" });
});

describe("while a topic is read", () => {
  const reading = takeLines(begun, [{ progress: { read: 4_000, matched: 1, of: 10_000 } }, { record }]);

  test("its records and its progress are there before the end", () => {
    expect(reading).toMatchObject({ state: "reading", records: [record] });
    expect(prepareProgress(reading)).toBe("Reading: 4,000 records read, 1 match…");
    expect(prepareShare(reading)).toBe(40);
  });

  test("the end gives its reason", () => {
    const ended = takeLines(reading, [{ end: { reason: "All records were read.", read: 10_000, matched: 1 } }]);
    expect(prepareProgress(ended)).toBe("Done: 10,000 records read, 1 match. All records were read.");
    expect(ended.records).toHaveLength(1);
  });

  test("a stop keeps what was found", () => {
    expect(prepareProgress({ ...reading, state: "stopped" })).toBe("Stopped: 4,000 records read, 1 match.");
  });

  test("a failure says what was read until then and why", () => {
    const failed = { ...reading, state: "failed" as const, reason: "Kafka does not answer." };
    expect(prepareProgress(failed)).toContain("Reading ended early: 4,000 records read, 1 match. Kafka");
  });
});

test("a record of 300 kB is only a glimpse in the list", () => {
  expect(prepareRecord({ ...record, value: "x".repeat(300_000) }).preview).toHaveLength(200);
});

test("a deleted key and bytes say what they are", () => {
  expect(prepareRecord({ ...record, value: null, decodedAs: "tombstone" }).preview).toContain("tombstone");
  expect(prepareRecord({ ...record, value: "AAEC", decodedAs: "binary" }).preview).toContain("bytes");
});

import { expect, test } from "vitest";
import { prepareState, readAuditFilter, subjectHref } from "./prepare-audit.ts";

test("the filter is read from the URL, without what the API would refuse", () => {
  const operationId = "018f4e5c-0000-7000-8000-000000000001";
  const read = (query: string) => readAuditFilter(new URLSearchParams(query));
  expect(read(`actor=ada@example.org&operationId=${operationId}&stage=denied`)).toEqual({
    actor: "ada@example.org",
    operationId,
    stage: "denied",
  });
  expect(read("operationId=7&stage=maybe&limit=9999&cursor=x&subject=%20")).toEqual({});
});

test("a subject leads to where it can be looked at", () => {
  expect(subjectHref("letter:018f")).toBe("/dead-letters/letters/018f");
  expect(subjectHref("run:018f")).toBe("/dead-letters/runs/018f");
  expect(subjectHref("request:POST /api/v1/purges")).toBeNull();
  expect(subjectHref("nothing")).toBeNull();
});

test("before and after are shown as they were noted", () => {
  expect(prepareState({ status: "dead" })).toBe('{\n  "status": "dead"\n}');
  expect(prepareState(null)).toBeNull();
  expect(prepareState(false)).toBe("false");
});

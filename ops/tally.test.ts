import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPlaywright, readVitest } from "./tally.ts";

const reportOf = (content: object) => {
  const path = join(mkdtempSync(join(tmpdir(), "tally-")), "report.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
};

test("a runner that crashed is a failure, also without a report", () => {
  expect(readVitest("/nowhere/report.json", 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  const torn = join(mkdtempSync(join(tmpdir(), "tally-")), "report.json");
  writeFileSync(torn, '{"numPassedTests": 4, "numFai');
  expect(readVitest(torn, 0).failed).toBe(1);
  const report = reportOf({ numPassedTests: 4, numFailedTests: 0, numPendingTests: 0 });
  expect(readVitest(report, 1).failed).toBe(1);
  expect(readVitest(report, 0).failed).toBe(0);
});

test("a flaky browser test counts as failed", () => {
  const report = reportOf({ stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 0 } });
  expect(readPlaywright(report, 0)).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

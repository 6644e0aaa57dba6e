import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addTallies, noTests, readPlaywright, readVitest } from "./tally.ts";
import { testFolder } from "./test-folder.ts";

const reportOf = (content: object) => {
  const path = join(testFolder(), "report.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
};

const green = { numPassedTests: 4, numFailedTests: 0, numPendingTests: 0, testResults: [] };

test("a runner that crashed is a failure, also without a report", () => {
  expect(readVitest("/nowhere/report.json", 1)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: ["vitest wrote no report"],
  });
  const torn = join(testFolder(), "report.json");
  writeFileSync(torn, '{"numPassedTests": 4, "numFai');
  expect(readVitest(torn, 0).failed).toBe(1);
  expect(readVitest(reportOf(green), 1)).toMatchObject({ failed: 1, failures: ["vitest ended with code 1"] });
  expect(readVitest(reportOf(green), 0)).toMatchObject({ failed: 0, failures: [] });
});

test("a flaky browser test counts as failed", () => {
  const report = reportOf({ stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 0 }, suites: [] });
  expect(readPlaywright(report, 0)).toMatchObject({ passed: 3, failed: 1, skipped: 0 });
});

test("what failed is named where the run ends: the test, the file that did not load, and how the error begins", () => {
  const vitest = readVitest(
    reportOf({
      numPassedTests: 1,
      numFailedTests: 1,
      numPendingTests: 0,
      testResults: [
        {
          name: "server/a.test.ts",
          status: "failed",
          message: "",
          assertionResults: [
            { fullName: "it holds", status: "passed", failureMessages: [] },
            {
              fullName: "it breaks",
              status: "failed",
              failureMessages: ["\u001b[31mexpected 1\u001b[39m to be 2\nat x"],
            },
          ],
        },
        { name: "server/b.test.ts", status: "failed", message: "no such module", assertionResults: [] },
      ],
    }),
    1,
  );
  const playwright = readPlaywright(
    reportOf({
      stats: { expected: 0, unexpected: 1, flaky: 0, skipped: 0 },
      suites: [
        {
          suites: [
            {
              specs: [
                {
                  title: "a journey",
                  file: "a.spec.ts",
                  line: 7,
                  tests: [{ status: "unexpected", results: [{ error: { message: "not visible" } }] }],
                },
              ],
            },
          ],
        },
      ],
    }),
    1,
  );
  expect(addTallies(addTallies(noTests, vitest), playwright)).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
    failures: [
      "server/a.test.ts › it breaks\n    expected 1 to be 2\n    at x",
      "server/b.test.ts\n    no such module",
      "e2e/a.spec.ts:7 › a journey\n    not visible",
    ],
  });
});

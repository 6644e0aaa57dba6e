import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./paths.ts";

/** What runners counted. `failures` names what failed, with its reason, to be said again where a long run ends. */
export type Tally = { passed: number; failed: number; skipped: number; failures: readonly string[] };

export const noTests: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

export const addTallies = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
  failures: [...one.failures, ...other.failures],
});

/** `tally` with one more failure, which no report tells of. */
export const withFailure = (tally: Tally, what: string): Tally => ({
  ...tally,
  failed: tally.failed + 1,
  failures: [...tally.failures, what],
});

/** A runner that ended badly has failed at least once, whatever its report says or does not say. */
const atLeastOneFailure = (tally: Tally, runner: string, exitCode: number): Tally =>
  exitCode !== 0 && tally.failed === 0 ? withFailure(tally, `${runner} ended with code ${exitCode}`) : tally;

/** A failure in the lines that say most: where, and how its error begins. */
const failure = (where: string, error = ""): string =>
  [where, ...stripVTControlCharacters(error).split("\n").slice(0, 12)].join("\n    ").trimEnd();

/** A runner's report; null when it never wrote one, or not to its end. */
function readReport<Report>(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return null;
  }
}

type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  /** A file that could not be loaded has no assertions and a message. */
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
};

/** Counts of a vitest JSON report. A missing report is a failure. */
export function readVitest(path: string, exitCode: number): Tally {
  const report = readReport<VitestReport>(path);
  if (!report) return withFailure(noTests, "vitest wrote no report");
  const failures = report.testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(root, resolve(root, name));
      const failed = assertionResults.filter(({ status }) => status === "failed");
      if (failed.length === 0) return [failure(file, message)];
      return failed.map((test) => failure(`${file} › ${test.fullName}`, test.failureMessages[0]));
    });
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
  return atLeastOneFailure({ passed, failed, skipped, failures }, "vitest", exitCode);
}

type PlaywrightSuite = {
  specs?: {
    title: string;
    file: string;
    line: number;
    tests: { status: string; results: { error?: { message?: string } }[] }[];
  }[];
  suites?: PlaywrightSuite[];
};
type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  suites: PlaywrightSuite[];
};

const specsOf = ({ specs = [], suites = [] }: PlaywrightSuite): NonNullable<PlaywrightSuite["specs"]> => [
  ...specs,
  ...suites.flatMap(specsOf),
];

/** Counts of a Playwright JSON report. A missing report is a failure; a flaky test counts as failed. */
export function readPlaywright(path: string, exitCode: number): Tally {
  const report = readReport<PlaywrightReport>(path);
  if (!report) return withFailure(noTests, "Playwright wrote no report");
  const { stats } = report;
  const failures = report.suites
    .flatMap(specsOf)
    .flatMap(({ title, file, line, tests }) =>
      tests
        .filter(({ status }) => status === "unexpected" || status === "flaky")
        .map(({ results }) => failure(`e2e/${file}:${line} › ${title}`, results[0]?.error?.message)),
    );
  return atLeastOneFailure(
    { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped, failures },
    "Playwright",
    exitCode,
  );
}

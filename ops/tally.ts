import { readFileSync } from "node:fs";

export type Tally = { passed: number; failed: number; skipped: number };

export const noTests: Tally = { passed: 0, failed: 0, skipped: 0 };

export const addTallies = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

/** A runner that ended badly has failed at least once, whatever its report says or does not say. */
const atLeastOneFailure = (tally: Tally, exitCode: number): Tally =>
  exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;

/** A runner's report; null when it never wrote one, or not to its end. */
function readReport<Report>(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return null;
  }
}

type VitestReport = { numPassedTests: number; numFailedTests: number; numPendingTests: number };

/** Counts of a vitest JSON report. A missing report is a failure. */
export function readVitest(path: string, exitCode: number): Tally {
  const report = readReport<VitestReport>(path);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  return atLeastOneFailure(
    { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests },
    exitCode,
  );
}

type PlaywrightReport = { stats: { expected: number; unexpected: number; flaky: number; skipped: number } };

/** Counts of a Playwright JSON report. A missing report is a failure; a flaky test counts as failed. */
export function readPlaywright(path: string, exitCode: number): Tally {
  const report = readReport<PlaywrightReport>(path);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const { stats } = report;
  return atLeastOneFailure(
    { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped },
    exitCode,
  );
}

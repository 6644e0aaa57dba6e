import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./paths.ts";
import { readPlaywright, readVitest, type Tally } from "./tally.ts";

type Settings = Record<string, string>;

/** Runs vitest; its report goes into the folder `results`. */
export async function runVitest(args: readonly string[], settings: Settings, results: string): Promise<Tally> {
  const report = join(results, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return readVitest(report, await runRunner("vitest", ["run", ...args, ...reporters], settings));
}

/** Runs Playwright; its report goes into the folder `results`. */
export async function runPlaywright(args: readonly string[], settings: Settings, results: string): Promise<Tally> {
  const report = join(results, "playwright.json");
  const env = { ...settings, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  return readPlaywright(report, await runRunner("playwright", ["test", "--reporter=list,json", ...args], env));
}

/** Resolves with the exit code; a runner ended by a signal has code 1. */
function runRunner(program: string, args: readonly string[], settings: Settings): Promise<number> {
  const child = spawn(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...settings },
  });
  // A run that is ended takes its runner along, also where no terminal tells both.
  const end = () => child.kill();
  process.once("exit", end);
  return new Promise((resolve) =>
    child.on("exit", (code) => {
      process.off("exit", end);
      resolve(code ?? 1);
    }),
  );
}

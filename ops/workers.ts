import { spawn } from "node:child_process";
import { join } from "node:path";
import { loadEnvFile } from "./load-env-file.ts";
import { root } from "./paths.ts";
import { findServices } from "./prepare.ts";
import { demoPorts, demoSettings } from "./settings.ts";

/*
 * `npm run workers -- charge-payment send-email`: these workers in a process of their own, beside the running demo and with
 * its settings; `-- --no-demo …` with those of the environment and `.env`.
 */

const names = process.argv.slice(2).filter((arg) => arg !== "--no-demo");
const isDemo = names.length === process.argv.length - 2;
if (!isDemo) loadEnvFile();
const settings = isDemo ? demoSettings(await findServices(1, "order_pipeline"), demoPorts) : {};
const child = spawn(process.execPath, [join(root, "workers/main.ts"), ...names], {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, ...settings },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));

import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./paths.ts";
import { findServices } from "./prepare.ts";
import { demoPorts, demoSettings } from "./settings.ts";

/* `npm run workers -- charge-payment send-email`: these workers in a process of their own, with the demo's settings. */

const isOwn = process.env.STRIPE_SECRET_KEY !== undefined;
const settings = isOwn ? {} : demoSettings(await findServices(1, "order_pipeline"), demoPorts);
const child = spawn(process.execPath, [join(root, "workers/main.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, ...settings },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));

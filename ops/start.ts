import { fork } from "node:child_process";
import { join } from "node:path";
import { buildPages } from "./build.ts";
import { loadEnvFile } from "./load-env-file.ts";
import { root } from "./paths.ts";
import { demoPorts } from "./settings.ts";
import { listens } from "./shell.ts";
import { startStack } from "./stack.ts";
import { step } from "./steps.ts";

/*
 * `npm start [-- --no-demo] [-- --kafka-brokers=3]`: services, migrations, topics, seed, build, run; prints the address and
 * a one-time sign-in link. Ctrl-C ends what runs here; the services go on until `npm run stop`.
 */

const args = process.argv.slice(2);
const isDemo = !args.includes("--no-demo");
if (!isDemo) loadEnvFile();

await guardPorts();
const prepare = fork(join(root, "ops/prepare.ts"), [...args, ...(isDemo ? ["--demo"] : [])], { cwd: root });
const settings = await new Promise<Record<string, string>>((resolve) => {
  prepare.once("message", (message) => resolve((message as { settings: Record<string, string> }).settings));
  prepare.once("exit", (code) => code !== 0 && process.exit(1));
});
await step("Pages", buildPages, (how) => how);
const stack = await step("Starting", () =>
  startStack(settings, {
    afterSandbox: async () => {
      if (!isDemo) return;
      const done = new Promise((resolve) => prepare.once("exit", resolve));
      prepare.send({ type: "sandbox-is-up" });
      await done;
    },
  }),
);
if (isDemo)
  await fetch(`${settings.SANDBOX_URL}/control/generator`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ running: true }),
  });
console.log(`\nThe dashboard: ${stack.url}\nSign in once, within 15 minutes: ${stack.signInLink}\n`);
if (isDemo)
  console.log(
    `Mails of the demo: ${settings.SANDBOX_URL}/mail\nStop with Ctrl-C; the services stop with: npm run stop`,
  );

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await stack.stop();
  process.exit(0);
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
stack.server.on("exit", (code) => {
  if (isStopping) return;
  console.error(`The web process ended (exit code ${code}).`);
  void stop();
});

/** Before anything is started: a port that is taken can't be had later either. */
async function guardPorts(): Promise<void> {
  const web = Number(process.env.PORT || demoPorts.web);
  const wanted = isDemo ? Object.values(demoPorts) : [web];
  for (const port of wanted) {
    if (!(await listens(port))) continue;
    console.error(
      `Port ${port} is taken. Is the demo running already? Stop it with Ctrl-C where it runs${port === web ? ", or choose another port: PORT=3001 npm start" : ""}.`,
    );
    process.exit(1);
  }
}

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { smallArenas, smallHeap } from "#server/web/small-process";
import { root } from "./paths.ts";

export type Stack = {
  signInLink: string;
  url: string;
  server: ChildProcess;
  sandbox: ChildProcess | undefined;
  /** A further one-time link, for a user of this role. */
  makeSignInLink(email: string, role: string): Promise<string>;
  /** Ends both, kindly; the services go on. */
  stop(): Promise<void>;
};

type StackOptions = {
  serverArgs?: string[];
  /** Partners can be told their secrets now. */
  afterSandbox?: () => Promise<void>;
  /** Where the web process's standard output goes: ours unless said. */
  output?: "inherit" | 2;
};

type Ready = { type: string; url: string; signInLink: string };

/** Starts the web process (which starts the workers) and, where settings name one, the sandbox before it. */
export async function startStack(settings: Record<string, string>, options: StackOptions = {}): Promise<Stack> {
  const env = { ...smallArenas(), ...settings };
  const sandbox = settings.SANDBOX_URL
    ? fork(join(root, "sandbox/main.ts"), { env, cwd: root, stdio: ["ignore", "ignore", "inherit", "ipc"] })
    : undefined;
  if (sandbox) await readyMessage(sandbox, "the sandbox");
  await options.afterSandbox?.();
  const server = fork(join(root, "server/main.ts"), options.serverArgs ?? [], {
    env,
    cwd: root,
    execArgv: smallHeap,
    stdio: ["ignore", options.output ?? "inherit", "inherit", "ipc"],
  });
  const { url, signInLink } = await readyMessage(server, "the web process");
  return {
    url,
    signInLink,
    server,
    sandbox,
    async makeSignInLink(email, role) {
      const answered = readyMessage(server, "the web process");
      server.send({ type: "sign-in-link", email, role });
      return (await answered).signInLink;
    },
    async stop() {
      await end(server);
      if (sandbox) await end(sandbox);
    },
  };
}

function readyMessage(child: ChildProcess, what: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Ready));
    child.once("exit", (code) => reject(new Error(`${what} ended before it was ready (exit code ${code})`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

import { spawnSync } from "node:child_process";
import { connect } from "node:net";

export type Ran = { ok: boolean; out: string };

/** Runs a program to its end. `out` holds both its outputs. A program that is not there is not ok. */
export function run(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Ran {
  const { timeoutMs = 60_000, env = process.env } = options;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: timeoutMs, env });
  return { ok: status === 0, out: `${stdout ?? ""}${stderr ?? ""}`.trim() };
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The words before a command that needs root; null where neither root nor sudo without a password is to be had. */
export function asRoot(): string[] | null {
  if (isRoot()) return [];
  return run("sudo", ["-n", "true"]).ok ? ["sudo", "-n"] : null;
}

/** Runs a program as root. Not ok where that can't be had. */
export function runAsRoot(program: string, args: readonly string[], timeoutMs?: number): Ran {
  const prefix = asRoot();
  if (!prefix) return { ok: false, out: "neither root nor sudo" };
  const [first, ...rest] = [...prefix, program, ...args];
  return run(first!, rest, { timeoutMs });
}

/** Something listens there. */
export function listens(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 2_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

/** A sentence for the user instead of a stack. */
export class Sentence extends Error {
  override name = "Sentence";
}

/** Installs Debian packages where root allows it. @throws Sentence with the one command to run. */
export function installPackages(what: string, packages: readonly string[]): void {
  const command = `sudo apt-get update && sudo apt-get install -y ${packages.join(" ")}`;
  if (!run("which", ["apt-get"]).ok || !asRoot()) throw new Sentence(`${what} is missing. Install it: ${command}`);
  console.log(`  installing ${packages.join(" ")} …`);
  const env = ["env", "DEBIAN_FRONTEND=noninteractive"];
  runAsRoot("apt-get", ["update", "-qq"], 180_000);
  const [first, ...rest] = [...env, "apt-get", "install", "-y", "-qq", ...packages];
  const installed = runAsRoot(first!, rest, 600_000);
  if (!installed.ok) throw new Sentence(`${what} could not be installed. Try: ${command}`);
}

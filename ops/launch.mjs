#!/usr/bin/env node
/*
 * The door: `node ops/launch.mjs <command> [arguments]`. Plain JavaScript without a dependency, for Node 20 or newer. It
 * sees to Node 24, the packages and Prisma's generated client, then runs `ops/<command>.ts` with Node 24.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_VERSION = "24.21.0";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const state = join(root, ".services");
const [command = "start", ...rest] = process.argv.slice(2);

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function run(program, args, env = process.env) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
  if (error || status !== 0) fail(`\`${program} ${args.join(" ")}\` failed${error ? `: ${error.message}` : ""}.`);
}

/** Does `work` when the file's content is not the one it was done for last time. */
function whenChanged(name, file, isThere, work) {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, file)))
    .digest("hex");
  const stamp = join(state, `${name}.stamp`);
  if (isThere && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  work();
  writeFileSync(stamp, hash);
}

/** The folder of a Node 24: our own when it is one, else the registry's plain binary package beside the project. */
function node24() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) fail(`Node ${process.versions.node} is too old to start with: install Node 20 or newer.`);
  if (major >= 24 && major < 27) return dirname(process.execPath);
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(state, "node");
  const bin = join(folder, "node_modules", name, "bin");
  if (!existsSync(join(bin, "node"))) {
    console.log(`Installing Node ${NODE_VERSION} beside the project (this machine has ${process.versions.node}) …`);
    mkdirSync(folder, { recursive: true });
    run("npm", [
      "install",
      "--silent",
      "--no-save",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--prefix",
      folder,
      `${name}@${NODE_VERSION}`,
    ]);
  }
  return bin;
}

/** One launcher at a time installs: two `npm ci` in one folder would break each other. The dead hold nothing. */
function takeTurn() {
  const turn = join(state, "launch.turn");
  for (;;) {
    try {
      writeFileSync(turn, String(process.pid), { flag: "wx" });
      process.once("exit", endTurn);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isGone(turn)) rmSync(turn, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function endTurn() {
  process.off("exit", endTurn);
  rmSync(join(state, "launch.turn"), { force: true });
}

/** Whoever has the turn has ended without giving it back. */
function isGone(turn) {
  try {
    const pid = Number(readFileSync(turn, "utf8"));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

mkdirSync(state, { recursive: true });
takeTurn();
const bin = node24();
const node = join(bin, "node");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };

whenChanged("packages", "package-lock.json", existsSync(join(root, "node_modules", "next")), () => {
  console.log("Installing packages …");
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], env);
});
whenChanged("prisma", "prisma/schema.prisma", existsSync(join(root, "server/platform/generated/prisma")), () => {
  // Generating needs no engine, but looks for one to download: it is told of a program that does nothing.
  const quiet = { ...env, PRISMA_SCHEMA_ENGINE_BINARY: node, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" };
  run(node, [join(root, "node_modules/prisma/build/index.js"), "generate", "--no-hints"], quiet);
});

endTurn();

const script = join(root, "ops", `${command}.ts`);
if (!/^[a-z-]+$/.test(command) || !existsSync(script)) fail(`There is no command "${command}".`);
const child = spawn(node, ["--disable-warning=ExperimentalWarning", script, ...rest], {
  cwd: root,
  stdio: "inherit",
  env,
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** Where RabbitMQ's own scripts are: those a distribution puts on the path want to run as their own user. */
const scripts = process.env.TEST_RABBITMQ_BIN ?? "/usr/lib/rabbitmq/bin";
const START_TIMEOUT_MS = 60_000;

/** A RabbitMQ node for tests alone, on free ports and in a directory of its own; it may be killed and started again. */
export async function startRabbitNode() {
  const home = await mkdtemp(join(tmpdir(), "rabbit-node-"));
  const port = await freePort();
  const environment: NodeJS.ProcessEnv = {
    NODE_ENV: "test",
    PATH: process.env.PATH,
    HOME: home,
    RABBITMQ_NODENAME: `test-${randomBytes(4).toString("hex")}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(await freePort()),
    RABBITMQ_MNESIA_BASE: join(home, "mnesia"),
    RABBITMQ_LOG_BASE: join(home, "log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "plugins"),
    RABBITMQ_PID_FILE: join(home, "pid"),
    RABBITMQ_CONFIG_FILE: join(home, "none"),
  };
  await writeFile(join(home, "plugins"), "[].");
  let pid = 0;
  process.once("exit", () => isAlive(pid) && process.kill(pid, "SIGKILL"));

  const node = {
    port,
    /** Resolves when it takes connections. */
    async start() {
      let failure: Error | undefined;
      spawn(join(scripts, "rabbitmq-server"), { env: environment, stdio: "ignore" })
        .once("error", (error) => {
          failure = new Error("set TEST_RABBITMQ_BIN to the directory of rabbitmq-server", { cause: error });
        })
        .unref();
      const until = performance.now() + START_TIMEOUT_MS;
      while (!(await accepts(port))) {
        if (performance.now() > until) failure ??= new Error(`RabbitMQ did not start in ${START_TIMEOUT_MS} ms`);
        if (failure) throw failure;
        await sleep(100);
      }
      pid = Number(await readFile(join(home, "pid"), "utf8"));
    },
    /** SIGKILL; resolves when it is gone. */
    async kill() {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
      while (isAlive(pid)) await sleep(50);
    },
    /** What `rabbitmqctl` prints. */
    ctl: async (...args: string[]) =>
      (await promisify(execFile)(join(scripts, "rabbitmqctl"), ["-q", ...args], { env: environment })).stdout,
    /** A new vhost, open to the default user. */
    async vhost(name = randomBytes(4).toString("hex")) {
      const [vhost, user, all] = [`<<"${name}">>`, `<<"guest">>`, `<<".*">>`];
      await node.ctl(
        "eval",
        `rabbit_vhost:add(${vhost}, ${user}), rabbit_auth_backend_internal:set_permissions(${user}, ${vhost}, ${all}, ${all}, ${all}, ${user}).`,
      );
      return { name, url: `amqp://guest:guest@127.0.0.1:${port}/${name}` };
    },
    async remove() {
      await node.kill();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await node.start();
  return node;
}
export type RabbitNode = Awaited<ReturnType<typeof startRabbitNode>>;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import amqp from "amqplib";
import { adopt, runningPid, startDetached, stopDetached } from "../detached.ts";
import { localSecret } from "../local-state.ts";
import { state } from "../paths.ts";
import { installPackages, listens, run, runAsRoot, Sentence } from "../shell.ts";
import { type Account, type FindOptions, guardAccount } from "./accounts.ts";

const PORT = 5672;
const VHOST = "order_pipeline";
const USER = "order_pipeline";
const READY_MS = 60_000;
const INSTALLED_MS = 15_000;
const serviceDir = join(state, "rabbitmq");

/**
 * The node's further ports: RabbitMQ's own for its default port, else the next two, because ports far above would be
 * among those that the system lends to outgoing connections.
 */
const portsBeside = (port: number) =>
  port === PORT ? { management: 15_672, distribution: 25_672 } : { management: port + 1, distribution: port + 2 };

/** A node of ours. */
export type OwnRabbit = {
  /** Of its administrator, in the vhost given. */
  url: string;
  managementUrl: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** `rabbitmqctl` for this node. */
  ctl(args: readonly string[]): string;
  /** Makes a further vhost, where it is not there yet, open to the same user. Its address. */
  addVhost(name: string): string;
};

export type RabbitProfile = {
  dir: string;
  port: number;
  vhost: string;
  user: string;
  password: string;
  /** Plugins besides the management one. */
  plugins?: string[];
};

/** RabbitMQ by address, by default port, or started by us. Never as guest. @throws Sentence with what to do. */
export async function findRabbit(vhost = VHOST, options: FindOptions = {}): Promise<{ url: string; how: string }> {
  const { RABBITMQ_URL } = process.env;
  if (RABBITMQ_URL) {
    const version = await versionAt(RABBITMQ_URL);
    if (!version) throw new Sentence("RABBITMQ_URL does not let us in.");
    return { url: RABBITMQ_URL, how: `${newEnough(version)}, from RABBITMQ_URL` };
  }
  const password = localSecret("rabbitmqPassword");
  const isOurs = runningPid(join(serviceDir, "pid")) !== null;
  if (!isOurs && !(await listens(PORT)) && !scriptsFolder()) await install();
  if (!isOurs && (await listens(PORT))) {
    const url = urlOf(PORT, USER, password, vhost);
    const known = await versionAt(url);
    if (known && options.mayChange === false) return { url, how: `${newEnough(known)}, already listening` };
    const entered = known ? "" : `; ${guardAccount("RabbitMQ", USER, await accountThere(password), options)}`;
    if (!known && options.mayChange === false)
      return { url, how: "already listening: npm start makes us an account there" };
    if (!known) await admit(vhost, password);
    const version = await versionAt(url);
    if (!version) throw new Sentence(cure(vhost, password));
    // Nice to have: exact rates. What the server's owner does not allow is done without.
    if (!(await listens(15_672))) runAsRoot("rabbitmq-plugins", ["--quiet", "enable", "rabbitmq_management"], 60_000);
    return { url, how: `${newEnough(version)}, already listening${entered}` };
  }
  const node = await startRabbit({ dir: serviceDir, port: PORT, vhost, user: USER, password });
  return { url: node.url, how: "started by us" };
}

const urlOf = (port: number, user: string, password: string, vhost: string) =>
  `amqp://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(vhost)}`;

const cure = (vhost: string, password: string) =>
  `RabbitMQ listens on port ${PORT}, but we have no account. Run: sudo rabbitmqctl add_vhost ${vhost}; sudo rabbitmqctl add_user ${USER} ${password}; sudo rabbitmqctl set_permissions -p ${vhost} ${USER} '.*' '.*' '.*' – or set RABBITMQ_URL.`;

/** What our account is to the server, as far as it lets us see; only its password may be wrong. */
async function accountThere(password: string): Promise<Account> {
  const list = (what: string, ...columns: string[]) => {
    const { ok, out } = runAsRoot("rabbitmqctl", ["--quiet", what, ...columns]);
    return ok ? out.split("\n").map((line) => line.split("\t")[0]) : null;
  };
  const users = list("list_users") ?? (await usersByApi());
  if (!users.includes(USER)) return "missing";
  // Our password is right, and only the vhost is missing: nobody loses anything.
  if (runAsRoot("rabbitmqctl", ["--quiet", "authenticate_user", USER, password]).ok) return "missing";
  return list("list_connections", "user")?.includes(USER) ? "in use" : "idle";
}

async function usersByApi(): Promise<string[]> {
  const headers = { authorization: `Basic ${Buffer.from("guest:guest").toString("base64")}` };
  const answer = await fetch("http://127.0.0.1:15672/api/users", { headers }).catch(() => null);
  return answer?.ok ? ((await answer.json()) as { name: string }[]).map(({ name }) => name) : [];
}

/** Makes vhost and user, as root through rabbitmqctl, else through the management API as its default administrator. */
async function admit(vhost: string, password: string): Promise<void> {
  const ctl = (...args: string[]) => runAsRoot("rabbitmqctl", ["--quiet", ...args]);
  ctl("add_vhost", vhost);
  if (!ctl("add_user", USER, password).ok) ctl("change_password", USER, password);
  ctl("set_user_tags", USER, "monitoring");
  if (ctl("set_permissions", "-p", vhost, USER, ".*", ".*", ".*").ok) return;
  const put = (path: string, body: object) =>
    fetch(`http://127.0.0.1:15672/api/${path}`, {
      method: "PUT",
      headers: {
        authorization: `Basic ${Buffer.from("guest:guest").toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    }).catch(() => null);
  await put(`vhosts/${vhost}`, {});
  await put(`users/${USER}`, { password, tags: "monitoring" });
  await put(`permissions/${vhost}/${USER}`, { configure: ".*", write: ".*", read: ".*" });
}

/** The version of the server at an address; null where it does not let us in. */
async function versionAt(url: string): Promise<string | null> {
  try {
    const connection = await amqp.connect(url, { timeout: 3_000 });
    connection.on("error", () => {});
    const { version } = connection.connection.serverProperties;
    await connection.close();
    return version;
  } catch {
    return null;
  }
}

/** The version itself. @throws Sentence when it is too old. */
export function newEnough(version: string): string {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 3 || (major === 3 && minor >= 10)) return version;
  throw new Sentence(`RabbitMQ ${version} is too old: 3.10 or newer is needed.`);
}

/** Starts a node with its own name, ports and data, beside any that runs; /etc stays as it is. */
export async function startRabbit(profile: RabbitProfile): Promise<OwnRabbit> {
  const scripts = findScripts();
  const { dir, port, vhost, user, password } = profile;
  const { management, distribution } = portsBeside(port);
  const pidFile = join(dir, "pid");
  mkdirSync(join(dir, "log"), { recursive: true });
  const plugins = ["rabbitmq_management", ...(profile.plugins ?? [])];
  writeFileSync(join(dir, "enabled_plugins"), `[${plugins.join(",")}].\n`);
  writeFileSync(
    join(dir, "rabbitmq.conf"),
    [
      `listeners.tcp.local = 127.0.0.1:${port}`,
      `management.tcp.ip = 127.0.0.1`,
      `management.tcp.port = ${management}`,
      "loopback_users.guest = true",
      "log.console = false",
    ].join("\n"),
  );
  const env = {
    ...process.env,
    HOME: dir,
    RABBITMQ_NODENAME: `order_pipeline_${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(dir, "data"),
    RABBITMQ_LOG_BASE: join(dir, "log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, "enabled_plugins"),
    RABBITMQ_CONFIG_FILE: join(dir, "rabbitmq.conf"),
    RABBITMQ_PID_FILE: join(dir, "rabbit.pid"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
  const ctl = (args: readonly string[]) => {
    const done = run(join(scripts, "rabbitmqctl"), ["--quiet", ...args], { env });
    if (!done.ok) throw new Error(`rabbitmqctl ${args[0]}: ${done.out.slice(-300)}`);
    return done.out;
  };
  const start = async () => {
    if (runningPid(pidFile) === null) {
      for (const one of [port, management, distribution])
        if (await listens(one))
          throw new Sentence(`Port ${one} is taken, and RabbitMQ needs it. Free it, or set RABBITMQ_URL.`);
      startDetached(join(scripts, "rabbitmq-server"), [], { pidFile, log: join(dir, "log", "start.log"), env });
    }
    for (
      const end = Date.now() + READY_MS;
      !(
        run(join(scripts, "rabbitmqctl"), ["--quiet", "await_startup", "--timeout", "10"], { env }).ok &&
        (await listens(port))
      );
    ) {
      if (runningPid(pidFile) === null || Date.now() > end)
        throw new Sentence(`RabbitMQ did not come up: see ${join(dir, "log")}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // What was started is a shell around the node; the node itself is what must be ended, or killed.
    adopt(pidFile, Number(readFileSync(env.RABBITMQ_PID_FILE, "utf8")));
  };
  await start();
  const url = urlOf(port, user, password, vhost);
  const addVhost = (name: string) => {
    if (!ctl(["list_vhosts"]).split("\n").includes(name)) ctl(["add_vhost", name]);
    ctl(["set_permissions", "-p", name, user, ".*", ".*", ".*"]);
    return urlOf(port, user, password, name);
  };
  if (!(await versionAt(url))) {
    if (
      ctl(["list_users"])
        .split("\n")
        .some((line) => line.startsWith(`${user}\t`))
    )
      ctl(["change_password", user, password]);
    else ctl(["add_user", user, password]);
    ctl(["set_user_tags", user, "administrator"]);
    addVhost(vhost);
  }
  return {
    url,
    managementUrl: `http://127.0.0.1:${management}`,
    ctl,
    addVhost,
    restart: start,
    stop: async () => void (await stopDetached(pidFile)),
    async kill() {
      await stopDetached(pidFile, "SIGKILL");
      // The port is free only when the system has taken the node's memory back.
      while (await listens(port)) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

/** Debian keeps the real scripts in the first one; the ones on its PATH insist on the system's own user and node. */
const scriptsFolder = (): string | undefined =>
  ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin", "/usr/sbin"].find((folder) =>
    existsSync(join(folder, "rabbitmq-server")),
  );

function findScripts(): string {
  if (!scriptsFolder()) installPackages("RabbitMQ", ["rabbitmq-server"]);
  const folder = scriptsFolder();
  if (!folder) throw new Sentence("RabbitMQ was installed, but its programs were not found. Set RABBITMQ_URL.");
  return folder;
}

/** Debian starts what it installs, except in containers: then nothing listens in the end, and we start a node of our own. */
async function install(): Promise<void> {
  findScripts();
  for (const end = Date.now() + INSTALLED_MS; !(await listens(PORT)) && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 500));
}

export const stopOwnRabbit = (): Promise<boolean> => stopDetached(join(serviceDir, "pid"));

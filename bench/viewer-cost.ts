import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { root } from "#ops/paths";
import { smallArenas, smallHeap } from "#server/web/small-process";
import { segmentsBetween, segmentsTo } from "./broker-requests.ts";
import type { House } from "./house.ts";
import { cpuSeconds, median, residentBytes } from "./process-figures.ts";
import { judge } from "./report.ts";
import { signIn } from "./sign-in.ts";
import { openReader, openReaders, STREAM, type StreamReader } from "./stream-reader.ts";

const FEW = 100;
const MANY = 1_000;
/** As many streams as one person may have open. */
const STREAMS_PER_USER = 20;
/** Slower than the limit on requests per address. */
const OPENED_PER_S = 60;
const ROUNDS = 3;
const ROUND_S = 15;
const KIB = 1_024;

/** What a viewer costs: questions to database and brokers, memory, CPU; the last two against a bare node server. */
export async function benchViewerCost(house: House): Promise<void> {
  const { url, start, say } = house;
  const stack = await start();
  const cookies = await signInMany(Math.ceil((MANY + 1) / STREAMS_PER_USER));
  const open = (index: number) => openReader(url + STREAM, cookies[Math.floor(index / STREAMS_PER_USER)]!);
  const bare = await startBare();
  try {
    say("what is asked of database and brokers, 1 viewer against 100 …");
    const first = await open(0);
    await wait(10_000);
    await benchRequests(house, open);
    say("memory and CPU, 100 against 1,000 viewers …");
    await benchMemoryAndCpu(house, stack.server.pid!, bare, open);
    first.close();
  } finally {
    bare.process.kill("SIGKILL");
    await stack.stop();
  }
}

async function signInMany(users: number): Promise<string[]> {
  const cookies: string[] = [];
  for (let user = 0; user < users; user += 1) cookies.push(await signIn(`bench-${user}@example.test`, "viewer"));
  return cookies;
}

type Open = (index: number) => Promise<StreamReader>;

/** Nothing is ordered meanwhile: whatever a viewer costs stands out. Rounds alternate. */
async function benchRequests({ pool, add, say }: House, open: Open): Promise<void> {
  const alone: Requests[] = [];
  const crowd: Requests[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await countRequests(pool));
    const readers = await openReaders(FEW - 1, OPENED_PER_S, (index) => open(index + 1));
    await wait(2_000);
    crowd.push(await countRequests(pool));
    for (const reader of readers) reader.close();
    await wait(2_000);
  }
  const show = ({ database, brokers }: Requests) => `${database.toFixed(1)} and ${brokers.toFixed(1)}`;
  say(
    `database transactions and segments to brokers a second, alone: ${alone.map(show).join("; ")}; 100: ${crowd.map(show).join("; ")}`,
  );
  const total = ({ database, brokers }: Requests) => database + brokers;
  const ratios = crowd.map((many, round) => total(many) / total(alone[round]!));
  const at = ratios.indexOf(median(ratios));
  add(
    judge(
      "database and broker requests, 100 viewers against 1",
      { ours: total(crowd[at]!), peer: total(alone[at]!), unit: "requests/s" },
      { atMost: 1.1, goal: 1 },
    ),
  );
}

type Requests = { database: number; brokers: number };

async function countRequests(pool: House["pool"]): Promise<Requests> {
  const ports = [
    ...process.env.KAFKA_BROKERS!.split(",").map((broker) => Number(broker.split(":").at(-1))),
    rabbitPort(),
  ];
  const transactions = async () => {
    const { rows } = await pool.query(
      "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()",
    );
    return Number(rows[0].count);
  };
  const [committed, sent] = [await transactions(), segmentsTo(ports)];
  await wait(ROUND_S * 1_000);
  const brokers = segmentsBetween(sent, segmentsTo(ports)) / ROUND_S;
  return { database: ((await transactions()) - committed) / ROUND_S, brokers };
}

const rabbitPort = () => Number(new URL(process.env.RABBITMQ_URL!).port || 5672);

/** Both servers hold the same number of readers at the same time and write frames of the same size as often. */
async function benchMemoryAndCpu({ add, say }: House, pid: number, bare: Bare, open: Open): Promise<void> {
  const openBare = () => openReader(bare.url, "");
  const few = await openReaders(FEW - 1, OPENED_PER_S, (index) => open(index + 1));
  const fewBare = await openReaders(FEW, OPENED_PER_S, openBare);
  const rate = await rateOf(few, 10);
  bare.write(rate);
  await wait(5_000);
  const before = { ours: await steadyBytes(pid), bare: await steadyBytes(bare.process.pid!) };
  const light = await costOf([few, fewBare], [pid, bare.process.pid!]);

  const more = await openReaders(MANY - FEW, OPENED_PER_S, (index) => open(index + FEW));
  const moreBare = await openReaders(MANY - FEW, OPENED_PER_S, openBare);
  await wait(5_000);
  const [all, allBare] = [
    [...few, ...more],
    [...fewBare, ...moreBare],
  ];
  const heavy = await costOf([all, allBare], [pid, bare.process.pid!]);
  const after = { ours: await steadyBytes(pid), bare: await steadyBytes(bare.process.pid!) };
  for (const reader of [...all, ...allBare]) reader.close();

  const perViewer = (bytes: number) => bytes / (MANY - FEW) / KIB;
  const memory = { ours: perViewer(after.ours - before.ours), bare: perViewer(after.bare - before.bare) };
  add(
    judge("memory per added viewer", { ours: memory.ours, peer: memory.bare, unit: "KiB" }, { atMost: 3, goal: 1.5 }),
  );
  add(judge("memory per added viewer, itself", { ours: memory.ours, unit: "KiB" }, { atMost: 64, goal: 32 }));
  // What a process does whoever looks is the same with 100 viewers; what is left is what frames cost.
  const [ours, peer] = [0, 1].map(
    (side) => ((heavy[side]!.seconds - light[side]!.seconds) / (heavy[side]!.frames - light[side]!.frames)) * 1e6,
  );
  const share = (side: number) => `${((heavy[side]!.seconds / ROUND_S) * 100).toFixed(0)} % of a core`;
  say(
    `${heavy[0]!.frames} frames of ${(rate.bytes / KIB).toFixed(1)} KiB and ${heavy[1]!.frames} bare ones in ${ROUND_S} s; the web process used ${share(0)}, the bare one ${share(1)}`,
  );
  add(judge("CPU per delivered frame", { ours: ours!, peer: peer!, unit: "us" }, { atMost: 3, goal: 1.5 }));
}

/** Frames delivered to each side's readers while a while goes by, and the CPU seconds of each side's server. */
async function costOf(sides: readonly (readonly StreamReader[])[], pids: readonly number[]) {
  const look = () => sides.map((readers, side) => ({ frames: framesOf(readers), seconds: cpuSeconds(pids[side]!) }));
  const before = look();
  await wait(ROUND_S * 1_000);
  return look().map(({ frames, seconds }, side) => ({
    frames: frames - before[side]!.frames,
    seconds: seconds - before[side]!.seconds,
  }));
}

const framesOf = (readers: readonly StreamReader[]) => readers.reduce((sum, { frames }) => sum + frames, 0);
const bytesOf = (readers: readonly StreamReader[]) => readers.reduce((sum, { bytes }) => sum + bytes, 0);

/** How large frames are, and how often a viewer gets one. */
async function rateOf(readers: readonly StreamReader[], seconds: number) {
  const [frames, bytes] = [framesOf(readers), bytesOf(readers)];
  await wait(seconds * 1_000);
  const delivered = framesOf(readers) - frames;
  return {
    bytes: Math.round((bytesOf(readers) - bytes) / delivered),
    perSecond: delivered / readers.length / seconds,
  };
}

/** The median of ten looks: garbage comes and goes. */
async function steadyBytes(pid: number): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < 10; look += 1) {
    looks.push(residentBytes(pid));
    await wait(500);
  }
  return median(looks);
}

type Bare = { url: string; process: ChildProcess; write(frames: { bytes: number; perSecond: number }): void };

/** The peer, with the same limits on its memory as the product. */
async function startBare(): Promise<Bare> {
  const child = fork(join(root, "bench/bare-streams.ts"), { execArgv: smallHeap, env: smallArenas() });
  const port = await new Promise<number>((resolve) => child.once("message", (told) => resolve(told as number)));
  return {
    url: `http://127.0.0.1:${port}/`,
    process: child,
    write: (frames) => void child.send(frames),
  };
}

import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type LetterNewsRow, LettersFrame } from "#contracts/api/letter-frames";
import { RunDetail } from "#contracts/api/replays";
import { asLead, keepingBrokers, replay } from "#server/dead-letters/acts-test-stage";
import { archiveLetters } from "#server/dead-letters/archive-letters";
import { changeRun } from "#server/dead-letters/change-run";
import { tellLetterNews } from "#server/dead-letters/letter-news";
import { readRabbitDeath } from "#server/dead-letters/read-letter";
import { type Pace, turn } from "#server/dead-letters/run-replays";
import { storeDeaths } from "#server/dead-letters/store-deaths";
import { plantLetters } from "#server/dead-letters/test-letters";
import { db, pool } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { signInAs } from "#server/platform/test-sign-in";
import { askForStream, readFrames } from "./live-test-stage.ts";
import { type RunningServer, startServer } from "./start-server.ts";

testDatabase();

let server: RunningServer;
let cookie: string;
beforeAll(async () => {
  const next = async (_: unknown, response: ServerResponse) => void response.writeHead(404).end();
  server = await startServer({ port: 0, host: "127.0.0.1", next });
  cookie = await signInAs("looker@example.com");
});
afterAll(() => server.stop());

/** Has the server look at once, instead of within 2 s: a run that there is not may have changed. */
const nudge = () => tellLetterNews(db, { groupIds: [], runIds: [randomUUID()] });

/** Reads a stream until a frame of a channel holds. */
async function watch(channels = "letters,letter-news") {
  const stream = await readFrames(server.port, cookie, channels);
  return async <Shape>(name: string, schema: { parse(value: unknown): Shape }, holds: (shape: Shape) => boolean) => {
    const { data } = await stream.until(
      ({ channel, kind, data }) => channel?.split(":")[0] === name && kind !== "same" && holds(schema.parse(data)),
    );
    return schema.parse(data);
  };
}

/** What is told of causes while the stream is open. */
async function watchNews() {
  const stream = await readFrames(server.port, cookie, "letter-news,letters");
  await stream.until(({ channel }) => channel === "letter-news");
  // What others told or changed before comes with the first two readings, and those before the third.
  for (let reading = 0; reading < 4; reading += 1) {
    await nudge();
    await stream.until(({ channel }) => channel === "letters");
  }
  return async (holds: (groupIds: (string | null)[]) => boolean) => {
    const idsOf = (data: unknown) => (data as LetterNewsRow[]).map(({ groupId }) => groupId);
    const { data } = await stream.until(({ kind, data }) => kind === "delta" && holds(idsOf(data)));
    return idsOf(data);
  };
}

/** A mail that died, as the collector reads it. */
const death = (text: string) =>
  readRabbitDeath(
    {
      ...{ queue: "email.dlq", messageId: null, raw: { key: null, value: Buffer.from(text), headers: [] } },
      ...{ table: {}, properties: {}, isRedelivered: false },
    },
    new Map([["email", "send-email"]]),
    new Date(),
  );

test("who opens the page sees at once what waits; who is not signed in sees nothing", async () => {
  await plantLetters(3, (index) => ({ status: index === 0 ? "quarantined" : "dead" }));
  const until = await watch();
  const { counts } = await until("letters", LettersFrame, () => true);
  expect(counts).toMatchObject({ dead: 2, quarantined: 1 });
  const { answer } = await askForStream(server.port, "", "letters");
  expect(answer.status).toBe(401);
});

test("a new letter is told within a second, with its cause and no other", async () => {
  const told = await watchNews();
  const fresh = death("new");
  const diedMs = performance.now();
  await storeDeaths([fresh]);
  expect(await told((groupIds) => groupIds.length > 0)).toEqual([fresh.group.id]);
  expect(performance.now() - diedMs).toBeLessThan(1_000);
});

test("an act of somebody else is told within a second", async () => {
  const [letter] = await plantLetters(1, () => ({ group: "aside" }));
  const told = await watchNews();
  const actedMs = performance.now();
  await asLead((operation) => archiveLetters(operation, { letterIds: [letter!] }, "not needed"));
  await told((groupIds) => groupIds.includes(null));
  expect(performance.now() - actedMs).toBeLessThan(1_000);
});

test("a letter that was changed without a word is found as well", async () => {
  const told = await watchNews();
  await plantLetters(1, () => ({ group: "silent" }));
  await told((groupIds) => groupIds.includes(null));
});

test("B6: what a run sends, how it is paused and how it ends shows within a second", async () => {
  const letters = await plantLetters(4, () => ({ group: "run" }));
  const { senders } = keepingBrokers();
  const until = await watch();
  await until("letters", LettersFrame, () => true);
  const { runId } = await replay(letters, { ratePerSecond: 1 });
  const ofRun = ({ runs }: LettersFrame) => runs.find((run) => run.runId === runId);
  await until("letters", LettersFrame, (frame) => ofRun(frame)?.counts.waiting === 4);

  const paces = new Map<string, Pace>();
  await turn(paces, senders);
  let changedMs = performance.now();
  await until("letters", LettersFrame, (frame) => ofRun(frame)?.counts.sent === 1);
  expect(performance.now() - changedMs).toBeLessThan(1_000);

  changedMs = performance.now();
  await asLead((operation) => changeRun(operation, runId, { action: "pause" }));
  await until("letters", LettersFrame, (frame) => ofRun(frame)?.status === "paused");
  expect(performance.now() - changedMs).toBeLessThan(1_000);

  await asLead((operation) => changeRun(operation, runId, { action: "cancel" }));
  const last = await until("letters", LettersFrame, (frame) => ofRun(frame)?.status === "cancelled");
  expect(ofRun(last)?.counts).toEqual({ sent: 1, cancelled: 3 });
});

test("who looks at a run gets its receipt with every change, and what comes in after its end", async () => {
  const [letter] = await plantLetters(1, () => ({ group: "receipt" }));
  const { runId } = await replay([letter!]);
  const until = await watch(`letters,run:${runId}`);
  await until("run", RunDetail, ({ run }) => run.runId === runId && run.counts.waiting === 1);
  await turn(new Map(), keepingBrokers().senders);
  await until("run", RunDetail, ({ run }) => run.counts.sent === 1);
  await db.rows(sql`
    INSERT INTO inbox (consumer, message_id)
    SELECT consumer, message_id FROM dead_letters WHERE id = ${letter!}::uuid`);
  await turn(new Map(), keepingBrokers().senders);
  const { run } = await until("run", RunDetail, ({ run }) => run.status === "completed");
  expect(run.counts).toEqual({ succeeded: 1 });
});

test("a hundred viewers cost the database what one costs", async () => {
  const query = vi.spyOn(pool(), "query");
  /** Statements on dead letters from one frame to the fifth after it; a run that was looked at lingers for some seconds. */
  const cost = async (until: Awaited<ReturnType<typeof watch>>) => {
    await until("letters", LettersFrame, () => true);
    query.mockClear();
    for (let frame = 0; frame < 5; frame += 1) {
      await nudge();
      await until("letters", LettersFrame, () => true);
    }
    return query.mock.calls.filter(([asked]) => /dead_letters|replay_runs/.test(JSON.stringify(asked))).length;
  };
  const first = await watch();
  const ofOne = await cost(first);
  // One person may have 20 streams open.
  for (let person = 0; person < 5; person += 1) {
    cookie = await signInAs(`viewer-${person}@example.com`);
    await Promise.all(Array.from({ length: 20 }, () => watch()));
  }
  const ofMany = await cost(first);
  query.mockRestore();
  expect(ofOne).toBeGreaterThan(0);
  expect(ofMany).toBeLessThan(2 * ofOne);
});

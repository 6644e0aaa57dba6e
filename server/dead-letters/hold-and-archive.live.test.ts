import { beforeEach, expect, test } from "vitest";
import { RunRequest } from "#contracts/api/replays";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { asLead, plan } from "./acts-test-stage.ts";
import { archiveLetters, restoreLetters } from "./archive-letters.ts";
import { startRun } from "./start-run.ts";
import { plantLetters } from "./test-letters.ts";

testDatabase();

beforeEach(() => db.rows(sql`TRUNCATE dead_letters, dead_letter_groups, replay_runs CASCADE`));

const people = {
  lead: { userId: "u1", name: "Lea", email: "lead@example.test", role: "lead" },
  operator: { userId: "u2", name: "Olu", email: "operator@example.test", role: "operator" },
};
const run = async (who: keyof typeof people, wish: object) => {
  const { planId } = await plan(await plantLetters(1));
  const body = RunRequest.parse({ planId, name: "after the outage", ...wish });
  return startRun({ viewer: people[who], body, request: new Request("http://x/runs", { method: "POST" }) });
};

test("B12: what is sent waits 10 s unless somebody says otherwise, and only a lead lets it leave at once", async () => {
  const beforeMs = Date.now();
  const waiting = await run("operator", {});
  const afterMs = Date.now();
  expect(waiting.status).toBe("held");
  // The database's clock, which is this machine's, counts from somewhere between.
  expect(Date.parse(waiting.holdUntil!)).toBeGreaterThanOrEqual(beforeMs + 10_000);
  expect(Date.parse(waiting.holdUntil!)).toBeLessThanOrEqual(afterMs + 10_000);
  await expect(run("operator", { holdMs: 0 })).rejects.toMatchObject({ status: 403 });
  const now = await run("lead", { holdMs: 0 });
  expect(Date.parse(now.holdUntil!)).toBeLessThanOrEqual(Date.now());
});

test("B12: what was archived 14 days ago is restored as it was", async () => {
  const [id] = await plantLetters(1);
  const stored = () =>
    db.rows(sql`SELECT body, headers, key, properties FROM dead_letter_deaths WHERE letter_id = ${id!}::uuid`);
  const before = await stored();
  await asLead((operation) => archiveLetters(operation, { letterIds: [id!] }, "not now"));
  await db.rows(sql`UPDATE dead_letters SET archived_at = now() - interval '14 days'`);
  await asLead((operation) => restoreLetters(operation, { letterIds: [id!] }, "now"));
  expect(await db.rows(sql`SELECT status FROM dead_letters`)).toEqual([{ status: "dead" }]);
  expect(await stored()).toEqual(before);
});

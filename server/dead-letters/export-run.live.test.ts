import { expect, test } from "vitest";
import { db } from "#server/platform/db";
import { type DownloadFormat, download } from "#server/platform/download";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { keepingBrokers, replay } from "./acts-test-stage.ts";
import { exportRun } from "./export-run.ts";
import { getRun } from "./run-queries.ts";
import { turn } from "./run-replays.ts";
import { plantLetters, plantOrders } from "./test-letters.ts";

testDatabase();

const reportOf = async (runId: string, format: DownloadFormat) =>
  download(
    exportRun(await getRun(runId), format, (_, value) => value),
    "run",
    format,
  ).text();

test("B8: the report of a run names every letter with what became of it", async () => {
  const [orderId] = await plantOrders(1, () => ({ status: "paid" }));
  const letters = await plantLetters(2, (index) => ({ ...(index === 0 && { orderId }), errorMessage: "=1+1" }));
  const { runId } = await replay(letters, { name: "mail was down" });
  await turn(new Map(), keepingBrokers().senders);
  await db.rows(sql`
    INSERT INTO inbox (consumer, message_id) SELECT consumer, message_id FROM dead_letters WHERE id = ${letters[0]!}::uuid`);
  await turn(new Map(), keepingBrokers().senders);

  const report = JSON.parse(await reportOf(runId, "json"));
  expect(report).toMatchObject({
    run: { name: "mail was down" },
    receipt: { orders: [{ status: "paid", orders: 1 }] },
  });
  const byLetter = Object.fromEntries(report.letters.map((line: { letterId: string }) => [line.letterId, line]));
  expect(Object.keys(byLetter).sort()).toEqual(letters.toSorted());
  expect(byLetter[letters[0]!]).toMatchObject({ outcome: "succeeded", orderStatus: "paid", totalCents: 1_000 });
  expect(byLetter[letters[1]!]).toMatchObject({ outcome: "sent", orderNumber: null, verdict: "safe", settledAt: null });

  const lines = (await reportOf(runId, "csv")).trim().split("\r\n");
  expect(lines[0]).toMatch(/^position,letterId,.*outcome,detail,target,sentAt,settledAt$/);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain("Error: =1+1");
});

test("a report of more than one page holds each letter once, in its order", async () => {
  const letters = await plantLetters(2_001);
  const { runId } = await replay(letters);
  const { letters: lines } = JSON.parse(await reportOf(runId, "json"));
  expect(lines.map(({ position }: { position: number }) => position)).toEqual(
    lines.map((_: unknown, at: number) => at),
  );
  expect(new Set(lines.map(({ letterId }: { letterId: string }) => letterId)).size).toBe(2_001);
});

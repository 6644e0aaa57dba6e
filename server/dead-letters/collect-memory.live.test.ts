import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { type Buried, collectorStage, stored, untilStored } from "./collector-test-stage.ts";

const stage = collectorStage();

const MB = 1_048_576;
/** What a collector of its own has at most, resident, while 640 MB of letters go through it. */
const MOST_MB = 400;

/** The most that a process ever had resident, MB. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s*(\d+) kB$/mu.exec(status)![1]) / 1_024;
}

test(`40 letters of 16 MB after many small ones: ${MOST_MB} MB are enough, and none is lost`, async () => {
  const place = await stage.open();
  const letter = (bytes: number): Buried => ({ messageId: randomUUID(), value: Buffer.alloc(bytes, randomUUID()) });
  // Small ones first, so that as many as possible are asked for at a time when the large ones come.
  await place.bury(
    "webhook.dlq",
    Array.from({ length: 2_000 }, () => letter(300)),
  );
  for (let sent = 0; sent < 40; sent += 1) await place.bury("webhook.dlq", [letter(16 * MB)]);
  const collector = place.start();
  await untilStored(2_040, 120_000);
  await expect.poll(place.inQueues, { timeout: 20_000 }).toBe(0);
  const peak = await peakMb(collector.pid);
  console.log(`the collector had ${Math.round(peak)} MB at most`);
  expect(peak).toBeLessThan(MOST_MB);
  await collector.stop();
  expect(await place.inQueues()).toBe(0);
  expect(await stored()).toEqual({ letters: 2_040, deaths: 2_040 });
  const [large] = await db.rows<{ count: number }>(
    sql`SELECT count(*) FROM dead_letter_deaths WHERE octet_length(body) = ${16 * MB}`,
  );
  expect(large).toEqual({ count: 40 });
}, 240_000);

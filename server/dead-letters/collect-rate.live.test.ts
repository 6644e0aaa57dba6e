import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { collectorStage, inKafka, marks, untilStored, withId } from "./collector-test-stage.ts";

const stage = collectorStage();

/** Letters a second, of both brokers together. */
const SLOWEST = 2_000;

test("B4: 10,000 dead letters of 3 causes are 3 groups, collected at 2,000 letters a second or more", async () => {
  const place = await stage.open();
  const orders = Array.from({ length: 10_000 }, () => randomUUID());
  const sentences = [
    (at: number) => `order ${orders[at]} costs ${(at / 100).toFixed(2)} EUR, the card '${at * 7}' has less`,
    (at: number) => `no answer from http://10.0.${at % 200}.7:8080/hooks/${orders[at]} within ${at} ms`,
    (at: number) => `stock of "SKU-${at}" was counted at ${new Date(at * 1e8).toISOString()}, too late`,
  ];
  const say = (at: number) => sentences[at % 3]!(at);
  const records = inKafka(5_000, say);
  await place.buryInKafka(records);
  const letters = withId(5_000).map((one, at) => ({ ...one, headers: marks(say(5_000 + at)) }));
  await place.bury("email.dlq", letters.slice(0, 2_500));
  await place.bury("audit.dlq", letters.slice(2_500));
  await place.collect();
  await untilStored(10_000, 30_000);
  const groups = await db.rows<{ deaths: number }>(sql`SELECT deaths FROM dead_letter_groups ORDER BY deaths`);
  expect(groups.map(({ deaths }) => deaths)).toEqual([3_333, 3_333, 3_334]);
  // The first batch's time is that of its beginning; joining the group is no part of collecting.
  const rates = await db.rows<{ broker: string; perSecond: number }>(sql`
      SELECT l.broker, (count(*) / extract(epoch FROM max(collected_at) - min(collected_at)))::float AS "perSecond"
        FROM dead_letter_deaths d JOIN dead_letters l ON l.id = d.letter_id GROUP BY l.broker ORDER BY l.broker`);
  console.log(rates.map(({ broker, perSecond }) => `${broker}: ${Math.round(perSecond)} letters/s`).join(", "));
  expect(rates.reduce((sum, { perSecond }) => sum + perSecond, 0)).toBeGreaterThan(SLOWEST);
}, 60_000);

import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { topics } from "#contracts/topology";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import type { KafkaMessage } from "./broker.ts";
import { relayOnce } from "./outbox-relay.ts";

testDatabase();

/** Puts an event of so many bytes into the outbox. */
const put = (bytes: number) =>
  db.rows(sql`
    INSERT INTO outbox (event_id, topic, key, seq, type, version, source, correlation_id, occurred_at, data)
    VALUES (${uuidv7()}::uuid, ${topics.orderEvents.name}, ${uuidv7()}, 1, 'test.large', 1, 'test', ${uuidv7()}::uuid, now(),
            jsonb_build_object('text', repeat('x', ${bytes}::int)))`);

test("events that are too large for one request leave in several, in their order, and all are marked", async () => {
  const sizes = [600_000, 200_000, 400_000, 950_000, 10];
  for (const bytes of sizes) await put(bytes);
  const requests: KafkaMessage[][] = [];
  const kafka = {
    send: async (messages: readonly KafkaMessage[]) => {
      requests.push([...messages]);
      return messages.map((_, offset) => ({ partition: 0, offset: String(offset) }));
    },
  };
  while ((await relayOnce(kafka)) > 0);
  const lengths = requests.map((messages) => messages.map(({ value }) => JSON.parse(String(value)).data.text.length));
  expect(lengths).toEqual([[600_000, 200_000], [400_000], [950_000], [10]]);
  expect(await db.rows(sql`SELECT id FROM outbox WHERE sent_at IS NULL`)).toEqual([]);
});

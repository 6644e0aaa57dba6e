import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { LetterListQuery } from "#contracts/api/dead-letters";
import { queues } from "#contracts/topology";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { collectorStage, deadLetterQueues, inKafka, stored, untilStored, withId } from "./collector-test-stage.ts";
import { listGroups } from "./group-queries.ts";
import { getLetterDetail } from "./letter-detail.ts";
import { listLetters } from "./letter-queries.ts";

const stage = collectorStage();

type Kept = { key: Buffer | null; body: Buffer | null; headers: unknown; properties: unknown; origin: unknown };
const kept = (source: string) =>
  db.rows<Kept>(sql`
    SELECT d.key, d.body, d.headers, d.properties, d.origin FROM dead_letter_deaths d JOIN dead_letters l ON l.id = d.letter_id
     WHERE l.source = ${source} ORDER BY d.id`);

const strange: [string, Buffer][] = [
  ["not UTF-8", Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3])],
  ["NUL", Buffer.from('{"id":"a\0b","text":"\\u0000"}')],
  ["a lone surrogate", Buffer.from('{"text":"\\ud800"}')],
  ["nested 100,000 deep", Buffer.from("[".repeat(100_000) + "]".repeat(100_000))],
  ["empty", Buffer.alloc(0)],
  ["64 MB", Buffer.alloc(64 * 1_048_576, Buffer.from([0, 255, 1, 254, 7]))],
];

describe("collecting dead letters", () => {
  it("drains every dead-letter queue and the dead-letter topic into the database", async () => {
    const place = await stage.open();
    for (const queue of deadLetterQueues) await place.bury(queue, withId(3));
    await place.buryInKafka(inKafka(30));
    const collector = await place.collect();
    await untilStored(deadLetterQueues.length * 3 + 30);
    await expect.poll(place.inTopic).toBe(0);
    await collector.stop();
    expect(await place.inQueues()).toBe(0);
    const sources = await db.rows<{ source: string; letters: number }>(
      sql`SELECT source, count(*) AS letters FROM dead_letters GROUP BY source ORDER BY source`,
    );
    expect(sources).toEqual(
      [
        ...deadLetterQueues.map((queue) => ({ source: queue.replace(".dlq", ""), letters: 3 })).sort(bySource),
        { source: "order.events", letters: 30 },
      ].sort(bySource),
    );
  });

  it.each(strange)("keeps a body of RabbitMQ byte for byte that is %s", async (_, value) => {
    const place = await stage.open();
    await place.bury("email.dlq", [
      { value, messageId: randomUUID(), contentType: "text/plain", headers: { n: 1, t: "é" } },
    ]);
    await place.collect();
    await untilStored(1, 30_000);
    const [letter] = await kept("email");
    expect(letter!.body!.equals(value)).toBe(true);
    expect(letter).toMatchObject({
      headers: [
        ["n", "1", "json"],
        ["t", "é", "utf8"],
      ],
      properties: { contentType: "text/plain" },
    });
  });

  it("keeps keys, tombstones and headers of Kafka byte for byte, in order and with duplicates", async () => {
    const place = await stage.open();
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    const letters = [
      { key: null, value: null },
      { key: Buffer.alloc(0), value: Buffer.alloc(0) },
      { key: bytes, value: bytes },
      ...strange.slice(0, 4).map(([, value]) => ({ key: Buffer.from("k"), value })),
    ];
    const headers = [
      ["twice", Buffer.from("1")],
      ["twice", bytes],
      ["nul", Buffer.from("a\0")],
    ] as const;
    await place.buryInKafka(letters.map((letter) => ({ ...letter, headers })));
    await place.collect();
    await untilStored(letters.length);
    const plain = (one: { key: Buffer | null; body: Buffer | null }) =>
      `${one.key?.toString("hex") ?? "null"} ${one.body?.toString("hex") ?? "null"}`;
    const found = await kept("order.events");
    expect(found.map(plain).sort()).toEqual(letters.map(({ key, value }) => plain({ key, body: value })).sort());
    for (const one of found)
      expect(one.headers).toEqual([
        ["twice", "1", "utf8"],
        ["twice", "/wCA", "base64"],
        ["nul", "YQA=", "base64"],
      ]);
  });

  it("stores once what is delivered again because the connection went between commit and acknowledgement", async () => {
    const place = await stage.open();
    await place.bury("email.dlq", withId(5));
    await place.bury(
      "label.dlq",
      [1, 2, 3].map(() => ({ value: Buffer.from("three equal messages without an id") })),
    );
    let cuts = 0;
    const collector = await place.collect({
      async crashPoint(point) {
        if (point !== "collect:stored" || cuts++ > 2) return;
        await stage.broker.node().ctl("close_all_connections", "-p", place.vhost, "cut");
      },
    });
    await expect.poll(() => cuts, { timeout: 60_000 }).toBeGreaterThan(3);
    await expect.poll(place.inQueues, { timeout: 20_000 }).toBe(0);
    await collector.stop();
    await expect.poll(place.inQueues).toBe(0);
    expect(await stored()).toEqual({ letters: 8, deaths: 8 });
  }, 120_000);

  it("makes three letters of three equal messages without an id", async () => {
    const place = await stage.open();
    await place.bury(
      "email.dlq",
      [1, 2, 3].map(() => ({ value: Buffer.from("the same") })),
    );
    const collector = await place.collect();
    await untilStored(3);
    await collector.stop();
    expect(await place.inQueues()).toBe(0);
    expect(await stored()).toEqual({ letters: 3, deaths: 3 });
  });
});

describe("looking at dead letters", () => {
  it("B2: 50 views leave count, order and delivery count of every queue as they were, and each letter is counted once", async () => {
    const place = await stage.open();
    await place.bury("email.dlq", withId(20));
    const collector = await place.collect();
    await untilStored(20);
    await collector.stop();
    const waiting = withId(7);
    await place.bury("webhook.dlq", waiting);
    const depths = async () =>
      Promise.all(
        [...deadLetterQueues, ...Object.keys(queues)].map(async (queue) => [queue, await place.rabbit.depth(queue)]),
      );
    await expect.poll(depths).toContainEqual(["webhook.dlq", { ready: 7, consumers: 0 }]);
    const before = await depths();
    for (let view = 0; view < 50; view += 1) {
      const { letters } = await listLetters(LetterListQuery.parse({}), { inTexts: true });
      expect(letters).toHaveLength(20);
      await getLetterDetail(letters[view % 20]!.id);
      await listGroups("all");
    }
    await expect.poll(depths).toEqual(before);
    const channel = await stage.broker.bareChannel(place.url);
    for (const { messageId } of waiting) {
      const one = await channel.get("webhook.dlq");
      const headers = { "x-delivery-count": 0 };
      expect(one).toMatchObject({ fields: { redelivered: false }, properties: { messageId, headers } });
    }
  });
});

const bySource = (a: { source: string }, b: { source: string }) => (a.source < b.source ? -1 : 1);

import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { letterIdOf } from "#contracts/letter-ids";
import { failureHeaders, failureOf, originHeaders } from "#server/messaging/failure";
import { asHeaders } from "#server/messaging/kafka-message";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { forgetCopies } from "./number-copies.ts";
import { type NewDeath, readKafkaDeath, readRabbitDeath } from "./read-letter.ts";
import { BATCH_BYTES, batches, storeDeaths } from "./store-deaths.ts";

testDatabase();

type Wish = { id?: string; error?: string; headers?: Record<string, string>; value?: Buffer | null; at?: Date };

/** A death of `charge-payment`, one second after the other unless told when. */
let clock = Date.now() - 3_600_000;
function death({ id = randomUUID(), error = "card declined", headers = {}, value, at }: Wish = {}): NewDeath {
  clock += 1_000;
  const failedAt = (at ?? new Date(clock)).toISOString();
  const failure = failureOf(new Error(error), { worker: "charge-payment", attempts: 3 });
  const body = { id, type: "order.placed", version: 1, orderId: randomUUID(), seq: 1, data: {} };
  return readKafkaDeath(
    {
      key: Buffer.from("key"),
      value: value === undefined ? Buffer.from(JSON.stringify(body)) : value,
      headers: asHeaders({
        ...headers,
        ...failureHeaders({ ...failure, failedAt, firstFailedAt: failedAt }),
        ...originHeaders({ topic: "order.events", partition: 1, offset: "7" }),
      }),
      offset: "0",
      timestampMs: clock,
      position: { topic: "order.events.dlt", partition: 0, offset: "0" },
    },
    new Date(),
  );
}

const unnamed = (isRedelivered: boolean, text = "x"): NewDeath =>
  readRabbitDeath(
    {
      queue: "email.dlq",
      messageId: null,
      raw: { key: null, value: Buffer.from(text), headers: [] },
      table: {},
      properties: {},
      isRedelivered,
    },
    new Map([["email", "send-email"]]),
    new Date(),
  );

type Letter = {
  status: string;
  version: number;
  deaths: number;
  replays: number;
  error: string;
  groupStatus: string;
  groupDeaths: number;
};
const letter = async (id: string): Promise<Letter | undefined> =>
  (
    await db.rows<Letter>(sql`
      SELECT l.status, l.version, l.deaths, l.replays, l.error_message AS error, g.status AS "groupStatus", g.deaths AS "groupDeaths"
        FROM dead_letters l JOIN dead_letter_groups g ON g.id = l.group_id WHERE l.message_id = ${id}::uuid`)
  )[0];
const count = async (text: string) =>
  (
    await db.rows<{ letters: number }>(sql`
      SELECT count(DISTINCT l.id) AS letters FROM dead_letters l JOIN dead_letter_deaths d ON d.letter_id = l.id WHERE d.body = ${Buffer.from(text)}`)
  )[0]!.letters;

/** Claimed and not marked: nobody knows yet whether it left. */
const UNDER_WAY = "under way";
const isMarked = (state: string) => state !== UNDER_WAY && state !== "waiting";

/** What the letter of a replay in this state is. */
const letterStatusOf = (state: string) => ({ uncertain: "uncertain", unknown: "redirected" })[state] ?? "replaying";

/** A replay of the message's letter in this state, as a run would have left it. */
async function replay(messageId: string, state: string, letterStatus = "replaying", replays = 1): Promise<string> {
  const [run, id] = [randomUUID(), randomUUID()];
  await db.rows(sql`
    INSERT INTO replay_runs (id, operation_id, name, kind, status, selection, letters, planned_by, expires_at, claimed_through, claimed_at)
    VALUES (${run}::uuid, ${run}::uuid, 'test', 'retry', 'running', '{}', 1, 'test', now(), ${state === "waiting" ? -1 : 0}, now() - interval '1 minute')`);
  const markedAt = isMarked(state) ? new Date(Date.now() - 60_000) : null;
  await db.rows(sql`
    INSERT INTO replays (id, run_id, letter_id, position, letter_version, verdict, verdict_reason, status, claimed_at, sent_at)
    SELECT ${id}::uuid, ${run}::uuid, l.id, 0, l.version, 'safe', '', ${state === UNDER_WAY ? "waiting" : state}, ${markedAt}, ${markedAt}
      FROM dead_letters l WHERE l.message_id = ${messageId}::uuid`);
  await db.rows(
    sql`UPDATE dead_letters SET status = ${letterStatus}, replays = ${replays} WHERE message_id = ${messageId}::uuid`,
  );
  return id;
}
const replayStatus = async (id: string) =>
  (await db.rows<{ status: string }>(sql`SELECT status FROM replays WHERE id = ${id}::uuid`))[0]!.status;

describe("storing deaths", () => {
  it("keeps one letter per worker and message, however often it dies, with every death", async () => {
    const id = randomUUID();
    expect(await storeDeaths([death({ id, error: "first" })])).toBe(1);
    expect(await storeDeaths([death({ id, error: "second" }), death({ id, error: "third" })])).toBe(2);
    expect(await letter(id)).toMatchObject({ status: "dead", version: 2, deaths: 3, error: "third" });
    const deaths = await db.rows<{ error: string }>(sql`
      SELECT d.error_message AS error FROM dead_letter_deaths d WHERE letter_id = ${letterIdOf(`charge-payment/${id}`)}::uuid ORDER BY id`);
    expect(deaths.map(({ error }) => error)).toEqual(["first", "second", "third"]);
  });

  it("changes nothing when the same death is delivered again, also beside new ones or twice in one batch", async () => {
    const id = randomUUID();
    const one = death({ id, error: "only once" });
    await storeDeaths([one, one]);
    const before = await letter(id);
    expect(before).toMatchObject({ deaths: 1, groupDeaths: 1 });
    expect(await storeDeaths([one])).toBe(0);
    expect(await storeDeaths([death({ error: "another" }), one])).toBe(1);
    expect(await letter(id)).toEqual(before);
  });

  it("counts a death once when several processes store it at the same time", async () => {
    const ids = Array.from({ length: 50 }, () => randomUUID());
    const deaths = ids.map((id) => death({ id, error: "at once" }));
    const stored = await Promise.all([1, 2, 3, 4].map(() => storeDeaths(deaths)));
    expect(stored.reduce((sum, one) => sum + one)).toBe(50);
    expect(await letter(ids[0]!)).toMatchObject({ deaths: 1, version: 1, groupDeaths: 50 });
  });

  it("opens a resolved group again when its cause recurs, and leaves an ignored one alone", async () => {
    const [resolved, ignored] = [randomUUID(), randomUUID()];
    await storeDeaths([death({ id: resolved, error: "gone" }), death({ id: ignored, error: "boring" })]);
    await db.rows(sql`UPDATE dead_letter_groups SET status = 'resolved' WHERE error_shape = 'gone'`);
    await db.rows(sql`UPDATE dead_letter_groups SET status = 'ignored' WHERE error_shape = 'boring'`);
    await storeDeaths([death({ error: "gone" }), death({ error: "boring" })]);
    expect(await letter(resolved)).toMatchObject({ groupStatus: "open", groupDeaths: 2 });
    expect(await letter(ignored)).toMatchObject({ groupStatus: "ignored", groupDeaths: 2 });
  });

  it("brings an archived letter back when it dies again", async () => {
    const id = randomUUID();
    await storeDeaths([death({ id })]);
    await db.rows(sql`UPDATE dead_letters SET status = 'archived', archived_at = now() WHERE message_id = ${id}::uuid`);
    await storeDeaths([death({ id })]);
    expect(await letter(id)).toMatchObject({ status: "dead", version: 2 });
  });
});

describe("a letter that dies again after a replay", () => {
  it.each([
    ["sent", 1, "dead"],
    ["sent", 3, "quarantined"],
    [UNDER_WAY, 1, "dead"],
    [UNDER_WAY, 3, "quarantined"],
    ["uncertain", 1, "dead"],
    ["unknown", 1, "dead"],
  ])("of state %s with %d replays counted is %s and the replay failed again", async (state, replays, status) => {
    const id = randomUUID();
    await storeDeaths([death({ id })]);
    const replayId = await replay(id, state, letterStatusOf(state), replays);
    await storeDeaths([death({ id, headers: { "x-replay-id": replayId } })]);
    expect(await replayStatus(replayId)).toBe("failed_again");
    expect(await letter(id)).toMatchObject({ status, replays, deaths: 2, version: 2 });
  });

  it.each(["sent", UNDER_WAY])("is told by its time where the replay's mark was lost (%s)", async (state) => {
    const id = randomUUID();
    await storeDeaths([death({ id })]);
    const replayId = await replay(id, state);
    await storeDeaths([death({ id, at: new Date() })]);
    expect(await replayStatus(replayId)).toBe("failed_again");
    expect(await letter(id)).toMatchObject({ status: "dead" });
  });

  it("leaves the replay alone when the death is older and only came late, or when nothing has left yet", async () => {
    const [late, waiting] = [randomUUID(), randomUUID()];
    await storeDeaths([death({ id: late }), death({ id: waiting })]);
    const replays = [await replay(late, "sent"), await replay(waiting, "waiting")];
    await storeDeaths([death({ id: late }), death({ id: waiting, at: new Date() })]);
    expect(await Promise.all(replays.map(replayStatus))).toEqual(["sent", "waiting"]);
    expect(await letter(late)).toMatchObject({ status: "replaying", deaths: 2, version: 2 });
    expect(await letter(waiting)).toMatchObject({ status: "replaying", deaths: 2 });
  });

  it.each(["unknown", "uncertain"])(
    "belongs to its newer replay when an earlier copy (%s) dies late",
    async (state) => {
      const id = randomUUID();
      await storeDeaths([death({ id })]);
      const earlier = await replay(id, state);
      const newer = await replay(id, "sent", "replaying", 2);
      await storeDeaths([death({ id, headers: { "x-replay-id": earlier } })]);
      expect(await Promise.all([earlier, newer].map(replayStatus))).toEqual(["failed_again", "sent"]);
      expect(await letter(id)).toMatchObject({ status: "replaying", deaths: 2 });
      await storeDeaths([death({ id, headers: { "x-replay-id": newer } })]);
      expect(await replayStatus(newer)).toBe("failed_again");
      expect(await letter(id)).toMatchObject({ status: "dead", deaths: 3 });
    },
  );

  it("waits again when both its copies died, each counted once", async () => {
    const id = randomUUID();
    await storeDeaths([death({ id })]);
    const replays = [await replay(id, "unknown"), await replay(id, "sent", "replaying", 2)];
    await storeDeaths(replays.map((replayId) => death({ id, headers: { "x-replay-id": replayId } })));
    expect(await Promise.all(replays.map(replayStatus))).toEqual(["failed_again", "failed_again"]);
    expect(await letter(id)).toMatchObject({ status: "dead", deaths: 3 });
  });

  it("waits again when its copy died with another worker", async () => {
    const id = randomUUID();
    await storeDeaths([death({ id })]);
    const replayId = await replay(id, "sent");
    const elsewhere = readRabbitDeath(
      {
        queue: "email.dlq",
        messageId: id,
        raw: { key: null, value: Buffer.from("{}"), headers: [] },
        table: { "x-replay-id": replayId },
        properties: {},
        isRedelivered: false,
      },
      new Map([["email", "send-email"]]),
      new Date(),
    );
    await storeDeaths([elsewhere]);
    expect(await replayStatus(replayId)).toBe("failed_again");
    const letters = await db.rows(
      sql`SELECT consumer, status FROM dead_letters WHERE message_id = ${id}::uuid ORDER BY consumer`,
    );
    expect(letters).toEqual([
      { consumer: "charge-payment", status: "dead" },
      { consumer: "send-email", status: "dead" },
    ]);
  });

  it("stays succeeded when a death from before its success comes late", async () => {
    const id = randomUUID();
    await storeDeaths([death({ id })]);
    await db.rows(sql`UPDATE dead_letters SET status = 'succeeded', settled_at = now() WHERE message_id = ${id}::uuid`);
    await storeDeaths([death({ id })]);
    expect(await letter(id)).toMatchObject({ status: "succeeded", deaths: 2 });
    await storeDeaths([death({ id, at: new Date(Date.now() + 1_000) })]);
    expect(await letter(id)).toMatchObject({ status: "dead", deaths: 3 });
  });

  it("is known by its replay when the message has no id", async () => {
    await storeDeaths([unnamed(false, "no id")]);
    const [one] = await db.rows<{ id: string }>(sql`
      SELECT l.id FROM dead_letters l JOIN dead_letter_deaths d ON d.letter_id = l.id WHERE d.body = ${Buffer.from("no id")}`);
    const [run, replayId] = [randomUUID(), randomUUID()];
    await db.rows(sql`
      INSERT INTO replay_runs (id, operation_id, name, kind, status, selection, letters, planned_by, expires_at)
      VALUES (${run}::uuid, ${run}::uuid, 'test', 'retry', 'running', '{}', 1, 'test', now())`);
    await db.rows(sql`
      INSERT INTO replays (id, run_id, letter_id, position, letter_version, verdict, verdict_reason, status, claimed_at)
      VALUES (${replayId}::uuid, ${run}::uuid, ${one!.id}::uuid, 1, 1, 'safe', '', 'sent', now())`);
    await storeDeaths([{ ...unnamed(false, "no id"), replayId, digest: Buffer.from(replayId) }]);
    expect(await count("no id")).toBe(1);
    expect(await replayStatus(replayId)).toBe("failed_again");
  });
});

describe("equal messages without any id", () => {
  it("are as many letters as came", async () => {
    await storeDeaths([unnamed(false, "a"), unnamed(false, "a")]);
    await storeDeaths([unnamed(false, "a")]);
    expect(await count("a")).toBe(3);
  });

  it("are not stored again when they were stored and RabbitMQ did not hear of it", async () => {
    await storeDeaths([1, 2, 3].map(() => unnamed(false, "b")));
    expect(await storeDeaths([1, 2, 3].map(() => unnamed(true, "b")))).toBe(0);
    expect(await count("b")).toBe(3);
  });

  it("are stored when they were delivered before and never stored", async () => {
    expect(await storeDeaths([1, 2, 3].map(() => unnamed(true, "c")))).toBe(3);
    expect(await count("c")).toBe(3);
  });

  it("are stored beside an equal one that was acknowledged", async () => {
    const first = [unnamed(false, "d")];
    await storeDeaths(first);
    await forgetCopies(first);
    expect(await storeDeaths([unnamed(true, "d"), unnamed(true, "d")])).toBe(2);
    expect(await count("d")).toBe(3);
  });
});

describe("large bodies", () => {
  it("go alone, small ones together", () => {
    const one = death();
    const sized = (bytes: number): NewDeath => ({ ...one, body: Buffer.alloc(bytes) });
    const sizes = [10, 20, BATCH_BYTES, 30, BATCH_BYTES / 2, BATCH_BYTES / 2 - 40, 50, 60];
    const cut = [...batches(sizes.map(sized))].map((batch) => batch.map(({ body }) => body!.length));
    expect(cut).toEqual([[10, 20], [BATCH_BYTES], [30, BATCH_BYTES / 2, BATCH_BYTES / 2 - 40], [50, 60]]);
    expect([...batches(Array.from({ length: 1_001 }, () => one))].map(({ length }) => length)).toEqual([500, 500, 1]);
  });

  it("of 64 MB are kept byte for byte", async () => {
    const value = Buffer.alloc(64 * 1_048_576, Buffer.from([0, 255, 1, 254, 7]));
    const big = death({ value, headers: { "event-id": randomUUID() } });
    await storeDeaths([death(), big, death()]);
    const [row] = await db.rows<{ same: boolean; bytes: number }>(sql`
      SELECT sha256(d.body) = ${await sha256(value)} AS same, l.bytes FROM dead_letter_deaths d JOIN dead_letters l ON l.id = d.letter_id
       WHERE d.digest = ${big.digest}`);
    expect(row).toEqual({ same: true, bytes: value.length });
  });
});

const sha256 = async (bytes: Buffer<ArrayBuffer>) => Buffer.from(await crypto.subtle.digest("SHA-256", bytes));

import { randomUUID } from "node:crypto";
import Ajv from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { LetterDetail } from "#contracts/api/dead-letters";
import { events } from "#contracts/messages/index";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { getLetterBody, getLetterDetail } from "./letter-detail.ts";
import { messageSchema } from "./message-schema.ts";
import { plantLetters, plantOrders } from "./test-letters.ts";

testDatabase();

const detailOf = async (id: string) => LetterDetail.parse(await getLetterDetail(id));

test("C2: a letter shows its order, what the customer sees of it, and the order's other letters", async () => {
  const [orderId] = await plantOrders(1, () => ({ status: "shipped" }));
  await db.rows(sql`
    INSERT INTO mails (order_id, kind, message_id, recipient, subject, sent_at)
    VALUES (${orderId}::uuid, 'order_confirmed', 'm', 'a@b', 's', '2026-11-21T12:00:00Z')`);
  const [mail, label] = await plantLetters(2, (index) => ({
    orderId,
    ...(index === 1 && { consumer: "render-label", messageType: "label.render", status: "succeeded" as const }),
  }));
  const { order, letter, verdict, endpoint } = await detailOf(mail!);
  expect(letter).toMatchObject({ id: mail, orderId, totalCents: 1_000, customerName: expect.any(String) });
  expect(order).toMatchObject({
    status: "shipped",
    customerSees: expect.stringMatching(/confirmed .* have not heard that their parcel is on its way/),
    letters: [{ id: label, status: "succeeded", messageType: "label.render" }],
  });
  expect({ verdict: verdict.verdict, endpoint }).toEqual({ verdict: "safe", endpoint: null });
});

test("C2: a letter of no order of ours says so", async () => {
  const [id] = await plantLetters(1, () => ({ orderId: randomUUID() }));
  expect(await detailOf(id!)).toMatchObject({ order: null, letter: { orderNumber: null } });
});

test("B3: a letter is found by its message's id, of several the one that waits", async () => {
  const messageId = randomUUID();
  const [, waiting] = await plantLetters(2, (index) => ({
    messageId,
    consumer: ["send-email", "keep-audit"][index],
    status: (["succeeded", "dead"] as const)[index],
    diedAt: new Date(Date.UTC(2026, 0, 2 - index)),
  }));
  expect((await detailOf(messageId)).letter.id).toBe(waiting);
  await expect(getLetterDetail(randomUUID())).rejects.toMatchObject({ status: 404, code: "letter_not_found" });
  await expect(getLetterDetail("17")).rejects.toMatchObject({ status: 404 });
});

test("bytes, headers and every death are shown as they came; an editor starts without the marks of death", async () => {
  const headers = [
    ["event-id", "1", "utf8"],
    ["tenant", "a", "utf8"],
    ["tenant", "b", "utf8"],
    ["source", "checkout", "utf8"],
    ["blob", "/w==", "base64"],
    ["x-error-class", "Error", "utf8"],
    ["x-original-topic", "order.events", "utf8"],
  ] as [string, string, "utf8" | "base64"][];
  const earlier = {
    failedAt: "2026-11-21T11:00:00.000Z",
    errorClass: "Error",
    worker: "charge-payment",
    workerVersion: "1",
  };
  const [id] = await plantLetters(1, () => ({
    ...{ broker: "kafka", source: "order.events", consumer: "charge-payment", messageType: "order.placed", headers },
    ...{ key: Buffer.from("k"), body: Buffer.from([0xff]) },
  }));
  await db.rows(sql`
    INSERT INTO dead_letter_deaths (letter_id, digest, key, body, headers, properties, origin, dead_letter_topic, dead_letter_partition, dead_letter_offset,
                                    error_class, error_message, error_stack, attempts, first_failed_at, failed_at)
    SELECT letter_id, '\\x01', null, null, headers || ${JSON.stringify([["x-earlier-failures", JSON.stringify([{ ...earlier, message: "first", stack: "at reach" }]), "utf8"]])}::jsonb, '{"priority": 5}', '{"topic": "order.events", "partition": 3, "offset": "17"}', 'order.events.dlt', 1, 99,
           'RangeError', 'second', '', 2, now(), now() FROM dead_letter_deaths WHERE letter_id = ${id}::uuid`);
  const detail = await detailOf(id!);
  expect(detail.headers.slice(0, -1)).toEqual(headers);
  expect(detail).toMatchObject({ key: { bytes: 0, text: null }, body: { text: null }, properties: { priority: 5 } });
  expect(detail.deaths).toMatchObject([
    { number: 1, errorClass: "Error", deadLetterPosition: null, earlierAttempts: [] },
    {
      number: 2,
      errorMessage: "second",
      earlierAttempts: [{ ...earlier, errorMessage: "first", errorStack: "at reach" }],
      deadLetterPosition: { topic: "order.events.dlt", partition: 1, offset: "99" },
    },
  ]);
  expect(detail.editableHeaders.map(({ name, rule }) => `${name} ${rule}`)).toEqual([
    "event-id locked",
    "tenant free",
    "tenant free",
    "source sensitive",
  ]);
  await expect(getLetterBody(id!)).rejects.toMatchObject({ status: 404, code: "no_bytes" });
});

test("a body of 8 MB is shown by its beginning and handed out whole", async () => {
  const body = Buffer.alloc(8_000_000, "a");
  const [id] = await plantLetters(1, () => ({ body }));
  const { body: shown, verdict } = await detailOf(id!);
  expect(shown).toMatchObject({ bytes: 8_000_000, note: expect.stringContaining("8,000,000") });
  expect(shown.text).toHaveLength(1_048_576);
  expect(verdict.verdict).toBe("payload_not_valid");
  expect((await getLetterBody(id!)).body.equals(body)).toBe(true);
});

test("earlier edits and replays are told, plans that nobody accepted are not", async () => {
  const [id] = await plantLetters(1);
  const [run, replay] = [randomUUID(), randomUUID()];
  await db.rows(sql`
    WITH edit AS (INSERT INTO dead_letter_edits (letter_id, number, body, headers, reason, actor)
                  VALUES (${id}::uuid, 1, '{}', '[]', 'the amount was wrong', 'lead@example.com') RETURNING id),
         run AS (INSERT INTO replay_runs (id, operation_id, name, kind, status, selection, letters, planned_by, expires_at)
                 VALUES (${run}::uuid, ${run}::uuid, 'incident 7', 'edit', 'running', '{}', 1, 'lead@example.com', now()))
    INSERT INTO replays (id, run_id, letter_id, position, letter_version, verdict, verdict_reason, status, edit_id, sent_at)
    SELECT * FROM (SELECT ${replay}::uuid, ${run}::uuid, ${id}::uuid, 0, 1, 'safe', '', 'sent', edit.id, now() FROM edit
                   UNION ALL SELECT gen_random_uuid(), ${run}::uuid, ${id}::uuid, 1, 1, 'safe', '', 'planned', null, null) AS r`);
  expect(await detailOf(id!)).toMatchObject({
    edits: [{ number: 1, reason: "the amount was wrong", actor: "lead@example.com", body: { text: "{}" } }],
    replays: [{ replayId: replay, runName: "incident 7", status: "sent", editNumber: 1, settledAt: null }],
  });
});

test("every contract has a JSON Schema that an editor can compile, and a foreign type has none", () => {
  for (const { type } of events) new Ajv({ strict: false, validateFormats: false }).compile(messageSchema(type)!);
  expect(messageSchema("email.send")).toMatchObject({ properties: { type: { const: "email.send" } } });
  expect([messageSchema("email.burn"), messageSchema(null)]).toEqual([null, null]);
});

test("B2: 50 looks at a letter change nothing of it", async () => {
  const [id] = await plantLetters(1);
  const stored = () =>
    db.rows(
      sql`SELECT l.*, d.* FROM dead_letters l JOIN dead_letter_deaths d ON d.letter_id = l.id WHERE l.id = ${id}::uuid`,
    );
  const before = await stored();
  for (let view = 0; view < 50; view += 1) await getLetterDetail(id!);
  expect(await stored()).toEqual(before);
});

import { beforeEach, describe, expect, test } from "vitest";
import type { EditRequest } from "#contracts/api/replays";
import { correctUrl } from "#server/partners/correct-url";
import { findTarget } from "#server/partners/endpoints";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { seedPartners } from "../../prisma/seed/partners.ts";
import { asLead, diesAgain, keepingBrokers, plan, replay } from "./acts-test-stage.ts";
import { addRedirect, endRedirect, listRedirects } from "./change-redirects.ts";
import { editLetter } from "./edit-letter.ts";
import { getRun } from "./run-queries.ts";
import { turn } from "./run-replays.ts";
import { plantLetters, plantOrders } from "./test-letters.ts";

testDatabase();

beforeEach(() =>
  db.rows(
    sql`TRUNCATE dead_letters, dead_letter_groups, replay_runs, inbox, redirect_rules, idempotent_requests CASCADE`,
  ),
);

const readLetter = async (id: string) => {
  const [row] = await db.rows<{ status: string; version: number; replays: number; body: string }>(sql`
    SELECT l.status, l.version, l.replays, convert_from((SELECT body FROM dead_letter_deaths WHERE letter_id = l.id ORDER BY id LIMIT 1), 'utf8') AS body
      FROM dead_letters l WHERE l.id = ${id}::uuid`);
  return row!;
};

describe("an edit", () => {
  const plantInvoiceLetter = async (status: "dead" | "quarantined" = "dead") => {
    const [orderId] = await plantOrders(1);
    const [order] = await db.rows<{ number: number }>(sql`SELECT number FROM orders WHERE id = ${orderId!}::uuid`);
    const [id] = await plantLetters(1, () => ({
      orderId: orderId!,
      status,
      data: { kind: "order_received", orderNumber: 0 },
    }));
    return { id: id!, orderNumber: order!.number };
  };
  const edit = async (
    id: string,
    change: (envelope: { id: string; data: Record<string, unknown> }) => void,
    wish: Partial<EditRequest> = {},
  ) => {
    const letter = await readLetter(id);
    const envelope = JSON.parse(letter.body);
    change(envelope);
    const request: EditRequest = {
      letterVersion: letter.version,
      body: JSON.stringify(envelope),
      headers: [{ name: "tenant", value: "north" }],
      reason: "the number was wrong",
      force: false,
      ...wish,
    };
    return asLead((operation) => editLetter(operation, id, request));
  };

  test("B10: sends exactly one message, the edited one, under the letter's own id; the original stays as it came", async () => {
    const { sent, senders } = keepingBrokers();
    const { id, orderNumber } = await plantInvoiceLetter();
    const before = await readLetter(id);
    await edit(id, ({ data }) => void Object.assign(data, { orderNumber }));
    await turn(new Map(), senders);
    await turn(new Map(), senders);
    expect(sent).toHaveLength(1);
    expect(JSON.parse(sent[0]!.value.toString())).toMatchObject({
      id: JSON.parse(before.body).id,
      data: { orderNumber },
    });
    expect(sent[0]!.headers).toMatchObject({ tenant: "north", "event-type": "email.send" });
    expect((await readLetter(id)).body).toBe(before.body);
  });

  test("B10: keeps the binary headers that no editor shows", async () => {
    const { sent, senders } = keepingBrokers();
    const { id, orderNumber } = await plantInvoiceLetter();
    await db.rows(sql`
      UPDATE dead_letter_deaths SET headers = headers || '[["trace", "AP8B", "base64"]]'::jsonb WHERE letter_id = ${id}::uuid`);
    await edit(id, ({ data }) => void Object.assign(data, { orderNumber }));
    await turn(new Map(), senders);
    expect(sent[0]!.headers.trace).toEqual(Buffer.from([0, 255, 1]));
  });

  test("B10: a second edit after a new failure works, and every version is kept", async () => {
    const { sent, senders } = keepingBrokers();
    const { id, orderNumber } = await plantInvoiceLetter("quarantined");
    await edit(id, ({ data }) => void Object.assign(data, { orderNumber }));
    await turn(new Map(), senders);
    await diesAgain(id);
    await edit(id, ({ data }) => void Object.assign(data, { orderNumber, reason: "once more" }));
    await turn(new Map(), senders);
    expect(sent.map(({ value }) => JSON.parse(value.toString()).data.reason)).toEqual([undefined, "once more"]);
    const edits = await db.rows<{ number: number; reason: string; actor: string }>(
      sql`SELECT number, reason, actor FROM dead_letter_edits ORDER BY number`,
    );
    expect(edits).toMatchObject([
      { number: 1, actor: "lead@example.test" },
      { number: 2, reason: "the number was wrong" },
    ]);
    expect((await readLetter(id)).replays).toBe(1);
  });

  test("B10: what breaks the contract, the order's facts or a locked header is refused, each with its reason, and nothing leaves", async () => {
    const { sent, senders } = keepingBrokers();
    const { id, orderNumber } = await plantInvoiceLetter();
    const refused = (change: Parameters<typeof edit>[1], wish?: Partial<EditRequest>) =>
      edit(id, change, wish).then(
        () => null,
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    const right = ({ data }: { data: Record<string, unknown> }) => void Object.assign(data, { orderNumber });
    expect(await refused(({ data }) => void Object.assign(data, { orderNumber: "seven" }))).toMatch(
      /edit_not_valid.*data\.orderNumber/,
    );
    expect(await refused(({ data }) => void Object.assign(data, { orderNumber: orderNumber + 1 }))).toMatch(
      /not the order's/,
    );
    expect(await refused((envelope) => void Object.assign(envelope, { id: crypto.randomUUID() }))).toMatch(
      /The id stays/,
    );
    expect(await refused(right, { body: "{ not json" })).toMatch(/This is not JSON/);
    expect(await refused(right, { headers: [{ name: "event-type", value: "other" }] })).toMatch(/header_locked/);
    expect(await refused(right, { headers: [{ name: "x-attempts", value: "0" }] })).toMatch(/header_not_allowed/);
    expect(await refused(right, { letterVersion: 99 })).toMatch(/letter_changed/);
    await turn(new Map(), senders);
    expect(sent).toEqual([]);
    expect(
      await refused(({ data }) => void Object.assign(data, { orderNumber: orderNumber + 1 }), { force: true }),
    ).toBeNull();
    expect(await refused(right)).toMatch(/letter_in_run/);
  });
});

describe("a replay of what succeeded", () => {
  test("B8: is refused, and with force and a reason allowed", async () => {
    const [id] = await plantLetters(1, () => ({ status: "succeeded" }));
    await db.rows(
      sql`INSERT INTO inbox (consumer, message_id) SELECT consumer, message_id FROM dead_letters WHERE id = ${id!}::uuid`,
    );
    await expect(replay([id!])).rejects.toMatchObject({ code: "nothing_to_send" });
    await expect(replay([id!], { force: true })).rejects.toMatchObject({ code: "reason_missing" });
    await expect(replay([id!], { force: true, reason: "the mail was lost" })).resolves.toMatchObject({ joined: 1 });
  });
});

describe("a standing redirect", () => {
  const redirect = (fromName: string, queue: string) =>
    asLead((operation) =>
      addRedirect(operation, {
        fromKind: "queue",
        fromName,
        target: { kind: "queue", queue },
        reason: "a new mail service",
        expiresInMs: 3_600_000,
      }),
    );

  test("B11: holds when something is sent, whenever it was planned, and ends when it is ended or expires", async () => {
    const { sent, senders } = keepingBrokers();
    const [first, second, third] = await plantLetters(3);
    await replay([first!]);
    const { redirectId } = await redirect("email", "mails-elsewhere");
    await turn(new Map(), senders);
    expect(sent.at(-1)!.routingKey).toBe("mails-elsewhere");
    expect((await readLetter(first!)).status).toBe("redirected");
    await asLead((operation) => endRedirect(operation, redirectId).then(() => null));
    await replay([second!]);
    await turn(new Map(), senders);
    expect(sent.at(-1)!.routingKey).toBe("email");

    await redirect("email", "mails-elsewhere");
    await db.rows(sql`UPDATE redirect_rules SET expires_at = now() WHERE is_active`);
    expect((await listRedirects(db)).some(({ isActive }) => isActive)).toBe(false);
    await replay([third!]);
    await turn(new Map(), senders);
    expect(sent.at(-1)!.routingKey).toBe("email");
  });

  test("B11: a circle, a second rule for one place and a place that is not ours are refused", async () => {
    await redirect("audit", "analytics");
    await expect(redirect("analytics", "audit")).rejects.toMatchObject({ code: "redirect_circle" });
    await expect(redirect("audit", "elsewhere")).rejects.toMatchObject({ code: "redirect_exists" });
    await expect(redirect("somebody-elses", "email")).rejects.toMatchObject({ code: "place_not_known" });
    await expect(redirect("invoice", "invoice")).rejects.toMatchObject({ code: "redirect_circle" });
  });

  test.each([
    ["email", "label", "The worker behind label does not understand email.send."],
    ["email", "email.dlq", "email.dlq is a waiting room or holds dead letters: send to the queue itself."],
    ["audit", "invoice", /^The worker behind invoice does not understand order\./],
    ["audit", "label", /^The worker behind label does not understand order\./],
  ])("B11: a place that can't take what lies in %s is refused: %s", async (from, to, message) => {
    await expect(redirect(from, to)).rejects.toMatchObject({
      status: 422,
      code: "target_not_compatible",
      message: expect.stringMatching(message),
    });
    expect(await listRedirects(db)).toEqual([]);
  });

  test("B11: a message of another kind than its queue's is not sent to where a redirect leads, and says why", async () => {
    const { sent, senders } = keepingBrokers();
    await redirect("audit", "analytics");
    const [id] = await plantLetters(1, () => ({ source: "audit", consumer: "keep-audit" }));
    const { runId } = await replay([id!], { force: true, reason: "test" });
    await turn(new Map(), senders);
    expect(sent).toEqual([]);
    expect(await readLetter(id!)).toMatchObject({ status: "dead", replays: 0 });
    expect((await getRun(runId)).problems).toMatchObject([
      {
        status: "skipped",
        detail:
          "A standing redirect leads to queue analytics: The worker behind analytics does not understand email.send.",
      },
    ]);
  });

  test("B11: a plan names the place where its letters would go", async () => {
    const ids = await plantLetters(2);
    await redirect("email", "mails-elsewhere");
    expect((await plan(ids)).targets).toEqual([{ target: "queue mails-elsewhere", letters: 2 }]);
  });

  test("B11: a RabbitMQ letter can go to a topic, and its outcome is called unknown there", async () => {
    const { topics, senders } = keepingBrokers();
    const [id] = await plantLetters(1);
    await asLead((operation) =>
      addRedirect(operation, {
        fromKind: "queue",
        fromName: "email",
        target: { kind: "topic", topic: "mails" },
        reason: "another broker",
        expiresInMs: 3_600_000,
      }),
    );
    const { runId } = await replay([id!]);
    await turn(new Map(), senders);
    expect(topics).toEqual(["mails"]);
    expect((await getRun(runId)).run).toMatchObject({ counts: { unknown: 1 }, status: "completed" });
  });
});

describe("a partner's URL", () => {
  test("B11: corrected once, it holds from the next attempt on, with the endpoint's own secret; a forbidden address is refused", async () => {
    await seedPartners(db, "http://127.0.0.1:9").catch(() => {});
    const [endpoint] = await db.rows<{ id: string }>(sql`SELECT id FROM webhook_endpoints ORDER BY id LIMIT 1`);
    const before = await findTarget(db, endpoint!.id);
    const correct = (url: string) =>
      asLead((operation) => correctUrl(operation, endpoint!.id, { url, reason: "they moved" }).then(() => null));
    await expect(correct("http://10.0.0.1/hooks")).rejects.toMatchObject({ code: "url_not_allowed" });
    await correct("http://127.0.0.1:4010/partners/x/new");
    expect(await findTarget(db, endpoint!.id)).toEqual({ ...before, url: "http://127.0.0.1:4010/partners/x/new" });
    const [entry] = await db.rows<{ before: { url: string }; after: { url: string } }>(
      sql`SELECT before, after FROM audit_entries WHERE action = 'partners:correct-url'`,
    );
    expect(entry).toMatchObject({
      before: { url: before!.url },
      after: { url: "http://127.0.0.1:4010/partners/x/new" },
    });
  });
});

import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { plantedGroupId, plantLetters, plantOrders } from "#server/dead-letters/test-letters";
import { getOrderDetail } from "#server/orders/order-queries";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { signInAs } from "#server/platform/test-sign-in";
import { GET as audit } from "../audit/route.ts";
import { POST as exportChosen } from "../dead-letter-exports/route.ts";
import { PATCH as changeGroup, GET as group } from "../dead-letter-groups/[id]/route.ts";
import { GET as groups } from "../dead-letter-groups/route.ts";
import { GET as body } from "./[id]/body/route.ts";
import { GET as detail } from "./[id]/route.ts";
import { GET as exported } from "./export/route.ts";
import { GET as pages } from "./pages/route.ts";
import { GET as list } from "./route.ts";

testDatabase();

type Handler = typeof list;
const cookies: Record<string, string> = {};
let letter: string;
let orderId: string;

/** Asks a route as somebody with this role; null = not signed in. */
const ask = (handler: Handler, role: string | null, { query = "", id = "", change, method = "PATCH" }: Wish = {}) =>
  handler(
    new Request(`${env().PUBLIC_URL}/x?${query}`, {
      headers: {
        ...(role && { cookie: cookies[role] }),
        ...(change && { "content-type": "application/json", origin: env().PUBLIC_URL }),
      },
      ...(change && { method, body: JSON.stringify(change) }),
    }),
    { params: Promise.resolve({ id }) },
  );
type Wish = { query?: string; id?: string; change?: object; method?: "PATCH" | "POST" };

beforeAll(async () => {
  for (const role of ["viewer", "operator", "lead"]) cookies[role] = await signInAs(`${role}@example.com`, role);
  [orderId] = (await plantOrders(1)) as [string];
  [letter] = (await plantLetters(3, (index) => ({ orderId, body: Buffer.from(`<script>${index}`), group: "a" }))) as [
    string,
  ];
});

test.each([
  ["list", list],
  ["pages", pages],
  ["detail", detail],
  ["body", body],
  ["export", exported],
  ["groups", groups],
  ["group", group],
  ["audit", audit],
])("D2: nobody reads the %s without signing in", async (_, handler) => {
  expect((await ask(handler, null, { id: letter })).status).toBe(401);
});

test("B3: a viewer finds an order's letters by the order's id in the URL", async () => {
  const answer = await ask(list, "viewer", { query: `search=${orderId}&limit=2` });
  const { letters, nextCursor } = await answer.json();
  expect([answer.status, letters.length]).toEqual([200, 2]);
  const rest = await (await ask(list, "viewer", { query: `search=${orderId}&limit=2&cursor=${nextCursor}` })).json();
  expect([rest.letters.length, rest.nextCursor]).toEqual([1, null]);
  expect((await ask(list, "viewer", { query: "status=broken" })).status).toBe(400);
});

test("D2: a viewer's search looks at no error text, not even for a number", async () => {
  const [busy] = await plantLetters(1, () => ({ errorMessage: "HTTP 50377 from the carrier" }));
  const found = async (handler: Handler, role: string, query: string) => {
    const answer = await ask(handler, role, { query });
    return answer.status === 200 ? (await answer.text()).includes(busy!) : answer.status;
  };
  for (const handler of [list, pages, exported]) {
    expect(await found(handler, "viewer", "search=50377&format=json")).toBe(false);
    expect(await found(handler, "operator", "search=50377&format=json")).toBe(true);
    expect(await found(handler, "viewer", "search=carrier&format=json")).toBe(403);
  }
  await db.rows(sql`DELETE FROM dead_letters WHERE id = ${busy!}::uuid`);
});

test("C2: a viewer reads a letter with its verdict and what the customer sees", async () => {
  const answer = await ask(detail, "viewer", { id: letter });
  expect(await answer.json()).toMatchObject({
    letter: { id: letter, orderId },
    verdict: { verdict: "payload_not_valid" },
    order: { customerSees: expect.stringMatching(/no mail/) },
  });
  const missing = await ask(detail, "viewer", { id: randomUUID() });
  expect([missing.status, (await missing.json()).code]).toEqual([404, "letter_not_found"]);
});

test("a body is handed out as bytes that no browser takes for a page", async () => {
  expect((await ask(body, "viewer", { id: letter })).status).toBe(403);
  const answer = await ask(body, "operator", { id: letter });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename="${letter}.bin"`,
    "x-content-type-options": "nosniff",
  });
  expect(await answer.text()).toBe("<script>0");
});

test("an export is a file with its kind's name", async () => {
  const answer = await ask(exported, "viewer", { query: "format=csv" });
  expect(answer.headers.get("content-disposition")).toMatch(
    /^attachment; filename="dead-letters-\d{4}-\d\d-\d\d\.csv"$/,
  );
  expect((await answer.text()).trimEnd().split("\r\n")).toHaveLength(4);
});

test("a viewer exports exactly the letters they have chosen, and nobody who has chosen none", async () => {
  const post = (letterIds: string[]) =>
    ask(exportChosen, "viewer", { method: "POST", change: { selection: { letterIds }, format: "json" } });
  const rows = await (await post([letter])).json();
  expect(rows.map(({ id }: { id: string }) => id)).toEqual([letter]);
  expect((await post([])).status).toBe(422);
});

test("C2: an order tells all its dead letters, settled ones too, and nobody else's", async () => {
  await plantLetters(1, () => ({ group: "other" }));
  await plantLetters(1, () => ({ orderId, group: "done", status: "succeeded", consumer: null, diedAt: new Date(0) }));
  const { letters } = await getOrderDetail(orderId);
  expect(letters).toHaveLength(4);
  expect(letters.at(-1)).toMatchObject({ status: "succeeded", where: "email", messageType: "email.send" });
});

test("B4: causes are listed with their money; only a lead takes one on, and a viewer's attempt is in the audit", async () => {
  const listed = await (await ask(groups, "viewer")).json();
  expect(listed).toMatchObject({
    groups: expect.arrayContaining([expect.objectContaining({ letters: 3, orders: 1 })]),
    totals: { money: [{ currency: "EUR", cents: 1_000 }] },
  });
  const id = plantedGroupId("a");
  const change = { status: "acknowledged" };
  for (const role of ["viewer", "operator"]) expect((await ask(changeGroup, role, { id, change })).status).toBe(403);
  expect(await (await ask(changeGroup, "lead", { id, change })).json()).toMatchObject({ id, status: "acknowledged" });
  expect((await ask(changeGroup, "lead", { id, change: { status: "lost" } })).status).toBe(422);
  expect((await ask(group, "viewer", { id: randomUUID() })).status).toBe(404);
  const stages = await db.rows<{ stage: string }>(sql`SELECT stage FROM audit_entries ORDER BY id`);
  expect(stages.map(({ stage }) => stage)).toEqual(["denied", "denied", "intent"]);
});

test("D2: the audit is an operator's to read, not a viewer's", async () => {
  expect((await ask(audit, "viewer")).status).toBe(403);
  const { entries } = await (await ask(audit, "operator", { query: "actor=lead" })).json();
  expect(entries[0]).toMatchObject({ actor: "lead@example.com", action: "dead-letter-groups:change" });
});

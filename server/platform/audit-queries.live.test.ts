import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { AuditList, AuditQuery } from "#contracts/api/audit";
import { writeAudit } from "./audit.ts";
import { listAudit } from "./audit-queries.ts";
import { db } from "./db.ts";
import { testDatabase } from "./test-database.ts";

testDatabase();

const operationId = randomUUID();
const list = async (query: Record<string, unknown> = {}) => AuditList.parse(await listAudit(AuditQuery.parse(query)));

beforeAll(async () => {
  const lea = { name: "lea@example.com", role: "lead" };
  const settle = { name: "settle-replays", role: "system" };
  const notes = Array.from({ length: 250 }, (_, index) => ({
    ...{ operationId: index < 2 ? operationId : randomUUID(), actor: index % 2 ? lea : settle, action: "runs:accept" },
    ...{
      stage: index % 2 ? ("intent" as const) : ("outcome" as const),
      subject: `run:${index}`,
      reason: `number ${index}`,
    },
  }));
  await writeAudit(db, [
    ...notes,
    { ...notes[0]!, action: "purges:approve", stage: "denied", before: { letters: 3 }, after: null },
  ]);
});

test("D1: the audit is read newest first, every line once, page by page", async () => {
  const ids: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: AuditList = await list({ limit: 100, ...(cursor && { cursor }) });
    ids.push(...page.entries.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(ids).toEqual(Array.from({ length: 251 }, (_, index) => 251 - index));
});

test("D1: a line says who, what, why, and what it was before; denied attempts too", async () => {
  const { entries } = await list({ stage: "denied" });
  expect(entries).toEqual([
    {
      ...{ id: 251, operationId, actor: "settle-replays", role: "system", action: "purges:approve", stage: "denied" },
      ...{ subject: "run:0", reason: "number 0", before: { letters: 3 }, after: null, occurredAt: expect.any(String) },
    },
  ]);
});

test.each([
  [{ operationId }, 3],
  [{ actor: "LEA@" }, 125],
  [{ actor: "%" }, 0],
  [{ action: "purges:" }, 1],
  [{ subject: "run:24" }, 11],
  [{ subject: "run:24", actor: "lea" }, 5],
])("D1: filtered by %j", async (query, lines) => {
  expect((await list({ ...query, limit: 500 })).entries).toHaveLength(lines);
});

test.each(["x", "2026-01-01T00:00:00.000Z x", "2026-13-45T99:99:99.999Z 1"])(
  "a cursor of one's own making is refused: %j",
  async (text) => {
    const cursor = Buffer.from(text).toString("base64url");
    await expect(list({ cursor })).rejects.toMatchObject({ status: 400, code: "cursor_not_valid" });
  },
);

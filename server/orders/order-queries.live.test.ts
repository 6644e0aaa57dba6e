import { expect, test } from "vitest";
import { testDatabase } from "#server/platform/test-database";
import { listOrders } from "./order-queries.ts";

testDatabase();

const id = "01a1fc89-14a4-750e-b3a7-dfec7d678355";
const cursor = (text: string) => Buffer.from(text).toString("base64url");

test.each([
  "",
  "nonsense",
  `1 ${id}`,
  `+275760-09-13T00:00:00.000Z ${id}`,
  `2026-13-45T99:99:99.999Z ${id}`,
  "2026-01-01T00:00:00.000Z 7",
])("a cursor of one's own making is refused: %j", async (text) => {
  const refused = listOrders({ limit: 10, cursor: cursor(text) || "-" });
  await expect(refused).rejects.toMatchObject({ status: 400, code: "cursor_not_valid" });
});

test("a cursor from an earlier page is taken", async () => {
  const page = await listOrders({ limit: 10, cursor: cursor(`2026-01-01T00:00:00.000Z ${id}`) });
  expect(page).toEqual({ orders: [], nextCursor: null });
});

import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { testDatabase } from "#server/platform/test-database";
import { readOverview } from "./overview.ts";

testDatabase();

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const view = (orderId: string, number: number, status: string, minutes: number) =>
  db.rows(sql`
    INSERT INTO order_views (order_id, number, status, customer_name, country, category, payment_method, total_cents, currency, is_test,
                             last_seq, status_seq, last_type, placed_at, changed_at)
    VALUES (${orderId}::uuid, ${number}, ${status}, 'Ann', 'DE', 'tea', 'prepaid', 100, 'EUR', false, 1, 1, 'order.placed', ${ago(minutes)}, ${ago(minutes)})`);
const finding = (orderId: string, kind: string, minutes: number) =>
  db.rows(sql`
    INSERT INTO findings (id, kind, order_id, subject, detail, found_at)
    VALUES (gen_random_uuid(), ${kind}, ${orderId}::uuid, ${randomUUID()}, 'missing', ${ago(minutes)})`);

test("the overview names the order that is open for longest, and counts an order once however much it misses", async () => {
  expect(await readOverview()).toMatchObject({
    ...{ stuck: 0, missing: 0, oldestOpenMs: null },
    oldest: { stuck: null, retrying: null, open: null },
  });
  const [shipped, newer, older, one, other] = Array.from({ length: 5 }, () => randomUUID());
  await view(shipped!, 1, "shipped", 90);
  await view(newer!, 2, "placed", 3);
  await view(older!, 3, "reserved", 7);
  await finding(one!, "job_lost", 2);
  await finding(other!, "job_lost", 1);
  await finding(other!, "paid_not_shipped", 5);
  const { missing, oldest, oldestOpenMs } = await readOverview();
  expect({ missing, oldest }).toEqual({ missing: 2, oldest: { stuck: null, retrying: null, open: older } });
  expect(oldestOpenMs! / 60_000).toBeCloseTo(7, 0);
});

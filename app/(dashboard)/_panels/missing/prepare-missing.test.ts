import { describe, expect, test } from "vitest";
import type { FindingList, FindingRow } from "#contracts/api/findings";
import { missingSentence, orderName, prepareKinds, prepareResolved } from "./prepare-missing.ts";

const at = "2026-11-21T10:00:00.000Z";
const none: FindingList = { findings: [], totals: [], orders: 0, money: [], isWatched: true };
const row = (kind: FindingRow["kind"], more: Partial<FindingRow> = {}): FindingRow => ({
  id: "0197a000-0000-7000-8000-000000000001",
  kind,
  orderId: "0197a000-0000-7000-8000-000000000002",
  orderNumber: 12,
  orderStatus: "paid",
  totalCents: 4_200,
  currency: "EUR",
  isTest: false,
  subject: "s",
  detail: "d",
  foundAt: at,
  resolvedAt: null,
  resolution: null,
  canReEmit: true,
  sentAgain: null,
  ...more,
});

describe("the sentence on what is missing", () => {
  test.each<[string, Partial<FindingList>, string, string]>([
    ["nothing is", {}, "good", "Nothing is missing"],
    ["nobody looks", { isWatched: false }, "warn", "Nobody looks"],
    ["one order misses something", { orders: 1, money: [{ currency: "EUR", cents: 4_200 }] }, "bad", "1 order misses"],
    [
      "two do",
      { orders: 2, money: [{ currency: "EUR", cents: 4_200 }] },
      "bad",
      "2 orders miss something that nothing will bring by itself, 42.00 EUR.",
    ],
    ["one does and nobody looks any more", { orders: 1, isWatched: false }, "bad", "this may be old"],
  ])("when %s", (_, change, tone, sentence) => {
    const said = missingSentence({ ...none, ...change });
    expect(said.tone).toBe(tone);
    expect(said.sentence).toContain(sentence);
  });
});

test("each kind has its rows, and says how many are not shown", () => {
  const total = { kind: "job_lost", findings: 3, orders: 2, oldestAt: at, money: [] } as const;
  const findings = [row("job_lost"), row("paid_not_shipped"), row("job_lost", { resolvedAt: at })];
  const [kind] = prepareKinds({ ...none, findings, totals: [{ ...total, money: [{ currency: "EUR", cents: 100 }] }] });
  expect(kind).toMatchObject({ label: "Job lost", summary: "3 findings on 2 orders, 1.00 EUR", hidden: 2 });
  expect(kind!.rows).toEqual([findings[0]]);
  expect(prepareResolved({ ...none, findings })).toEqual([findings[2]]);
});

test("an order that is gone is called by its id", () => {
  expect(orderName(row("job_lost"))).toBe("Order 12");
  expect(orderName(row("job_lost", { orderNumber: null }))).toBe("Order 0197a000");
});

import { describe, expect, test } from "vitest";
import type { GroupList, GroupRow } from "#contracts/api/dead-letters";
import { prepareCause, prepareChange, prepareHealth, prepareSetAside, prepareTrend } from "./prepare-causes.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
const group: GroupRow = {
  id: "018f4e5c-0000-7000-8000-000000000001",
  consumer: "send-webhook",
  messageType: "webhook.send",
  errorClass: "PartnerRefused",
  errorShape: "the partner answered #",
  frame: "deliver-webhook.ts",
  status: "open",
  note: null,
  owner: null,
  letters: 400,
  replaying: 0,
  succeeded: 0,
  deaths: 400,
  orders: 400,
  customers: 12,
  money: [{ currency: "EUR", cents: 3_812_000 }],
  oldestDiedAt: "2026-11-21T08:00:00.000Z",
  firstSeenAt: "2026-11-21T08:00:00.000Z",
  lastSeenAt: "2026-11-21T09:59:00.000Z",
  firstSeenVersion: null,
  trend: [0, 390, 10],
  hint: null,
  endpoints: [],
};
const list: GroupList = {
  groups: [group, { ...group, letters: 10, oldestDiedAt: "2026-11-21T09:00:00.000Z" }, { ...group, letters: 2 }],
  totals: { letters: 412, orders: 400, money: [{ currency: "EUR", cents: 3_812_000 }] },
  inBrokers: { rabbitmq: 0 },
};

const none: GroupList = { ...list, groups: [], totals: { letters: 0, orders: 0, money: [] } };

describe("the sentence on dead letters", () => {
  test("counts causes and letters, says what they are worth and how old the oldest is", () => {
    expect(prepareHealth(list, undefined, now)).toEqual({
      tone: "bad",
      sentence: "3 causes, 412 letters, 38,120.00 EUR waiting, oldest 2 h.",
      more: null,
    });
  });

  test("is calmer once somebody has acknowledged every cause", () => {
    const groups = list.groups.map((one) => ({ ...one, status: "acknowledged" as const }));
    expect(prepareHealth({ ...list, groups }, undefined, now).tone).toBe("warn");
  });

  test("says that nothing waits", () => {
    expect(prepareHealth(none, { replaying: 3 }, now)).toMatchObject({
      tone: "good",
      sentence: expect.stringContaining("No letter waits"),
    });
  });

  test("never says that nothing waits while letters wait in causes that are ignored or resolved", () => {
    const counts = { dead: 38, quarantined: 2, replaying: 9 };
    expect(prepareHealth(none, counts, now)).toEqual({
      tone: "warn",
      sentence: "40 letters wait in causes that somebody set aside.",
      more: null,
      link: { href: "/dead-letters?causes=all", label: "Show all causes" },
    });
    expect(prepareSetAside(none, { dead: 1 })).toBe("1 letter waits in causes that somebody set aside.");
    expect(prepareSetAside(none, undefined)).toBeNull();
    expect(prepareSetAside(list, { dead: 452 })).toBeNull();
  });

  test("leaves out causes whose letters are all on their way", () => {
    const groups = [group, { ...group, letters: 0, replaying: 5, oldestDiedAt: null }];
    expect(prepareHealth({ ...list, groups }, undefined, now).sentence).toMatch(/^1 cause, /);
  });

  test("never sums up what it can't know", () => {
    expect(prepareHealth({ ...list, inBrokers: { rabbitmq: null } }, undefined, now).more).toContain("can't be asked");
    expect(prepareHealth({ ...list, inBrokers: { rabbitmq: 7 } }, undefined, now).more).toBe(
      "7 more letters are in RabbitMQ, not collected yet.",
    );
  });
});

test("of a cause only what was changed is sent", () => {
  const before = { status: "open" as const, owner: "ann@example.com", note: "asked the partner\n" };
  const same = { status: before.status, owner: before.owner, note: before.note };
  expect(prepareChange(before, same)).toBeNull();
  expect(prepareChange(before, { ...same, owner: " ann@example.com " })).toBeNull();
  expect(prepareChange({ ...before, note: null }, { ...same, note: "" })).toBeNull();
  expect(prepareChange(before, { ...same, status: "resolved" })).toEqual({ status: "resolved" });
  expect(prepareChange(before, { ...same, owner: " " })).toEqual({ owner: null });
  expect(prepareChange(before, { ...same, note: "they answered " })).toEqual({ note: "they answered" });
});

test("a cause without words is called by its class", () => {
  expect(prepareCause(group)).toEqual({
    title: "the partner answered #",
    line: "PartnerRefused · send-webhook on webhook.send · deliver-webhook.ts",
  });
  expect(prepareCause({ ...group, errorShape: "", frame: null }).title).toBe("PartnerRefused");
});

test("a trend can be read aloud", () => {
  expect(prepareTrend([0, 390, 10])).toBe("400 deaths in the last 24 hours, 10 in the last one");
  expect(prepareTrend([])).toBe("No death in the last 24 hours");
});

import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { FamilyView, Known } from "#contracts/api/operations";
import { type AlertFacts, alertRules, type Condition, findConditions } from "#server/pipeline/alert-rules";
import { groupHref } from "./(dashboard)/_panels/consumers/prepare-consumers.ts";
import { aGroup } from "./(dashboard)/_panels/consumers/sample-groups.ts";
import { readFilter } from "./(dashboard)/_panels/letter-list/prepare-filter.ts";

const rates = { unacked: 0, inPerSecond: 0, outPerSecond: 0, ackPerSecond: 0 };
const family: FamilyView = {
  ...{ name: "label", worker: "render-label", status: "no_consumer", isGrowing: true, retries: [], inWords: "" },
  ...{ deadInBroker: 0, deadInStore: 0, oldestMs: null, etaMs: null, pausedBy: null },
  main: { name: "label", ready: 20_000, consumers: 0, ...rates },
};
const up = { isUp: true, since: null, reason: null };
const away = { isUp: false, since: null, reason: "no answer" };
const seen: Known = { kafka: up, rabbitmq: up, queueSource: "management" };

/** All that can be wrong at once, while both brokers are seen. */
const wrong: AlertFacts = {
  at: new Date(),
  known: seen,
  groups: [aGroup({ group: "shop.create-shipment", health: "stop", lag: 20_000, timeLagMs: 900_000, isGrowing: true })],
  families: [family],
  outbox: { unsent: 3, oldestMs: 900_000 },
  letters: [{ source: "order.events & more", letters: 60, oldestMs: 7_200_000 }],
  moneyAtRisk: [{ currency: "EUR", cents: 900_000 }],
  stuck: [{ kind: "job_lost", orders: 2, oldestMs: 1 }],
};
const conditions = (known: Known): Condition[] => findConditions({ ...wrong, known }, new Map());

/** What a page makes of the part behind the question mark. */
const views: Record<string, (params: URLSearchParams) => unknown> = {
  "/orders": (params) => ({ tab: params.get("tab") }),
  "/queues": (params) => ({ family: params.get("family") }),
  "/dead-letters": (params) => ({ tab: params.get("tab"), ...readFilter(params) }),
};
const view = ({ href }: Condition) => {
  const { pathname, searchParams } = new URL(href, "http://shop.test");
  const page = [pathname, pathname.replace(/[^/]+$/, "[id]"), pathname.replace(/[^/]+$/, "[group]")];
  expect(
    page.some((one) => existsSync(`app/(dashboard)${one}/page.tsx`)),
    href,
  ).toBe(true);
  return { pathname, ...(searchParams.size > 0 && { shows: views[pathname]?.(searchParams) }) };
};

test("every alert leads to a page that shows just what it is about", () => {
  const group = { pathname: groupHref("shop.create-shipment") };
  const queue = { pathname: "/queues", shows: { family: "label" } };
  const letters = { pathname: "/dead-letters", shows: { tab: "letters", source: "order.events & more" } };
  const found = [
    ...conditions(seen),
    ...conditions({ kafka: away, rabbitmq: away, queueSource: "none" }).filter(({ rule }) => rule === "broker-away"),
  ];
  expect(found.map((one) => [one.rule, view(one)])).toEqual([
    ["group-health", group],
    ["time-lag", group],
    ["lag", group],
    ["lag", queue],
    ["dead-letters", letters],
    ["oldest-letter", letters],
    ["money-at-risk", { pathname: "/dead-letters" }],
    ["stuck-orders", { pathname: "/orders", shows: { tab: "missing" } }],
    ["no-consumer", queue],
    ["outbox-age", { pathname: "/" }],
    ["broker-away", { pathname: "/consumers" }],
    ["broker-away", { pathname: "/queues" }],
  ]);
  expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set(alertRules.map(({ id }) => id)));
});

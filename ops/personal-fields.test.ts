import { expect, test } from "vitest";
import { z } from "zod";
import { LetterRow } from "#contracts/api/dead-letters";
import { BrowsedRecord } from "#contracts/api/operations";
import { ReportLine } from "#contracts/api/replays";
import { contractsByType } from "#contracts/messages/index";
import { personalKindOf } from "#contracts/personal";
import { describedRoutes } from "./describe-api.ts";

/*
 * No field is forgotten: whatever free text a route answers or a message carries is either marked personal in its contract
 * or named here as nobody's, by its name or, where that says too little, with what it is a field of. A new field fails
 * this test until somebody has decided.
 */
const nobodys = new Set(
  `
  action carrier carrierId category chargeId committed consumer country currency customerSees end errorClass exchange
  factType factTypes firstSeenVersion frame fromName group headersAdded headersRemoved href lastEvent lastType mailUrl
  messageType nextCursor offset orderId partner paymentMethod permissions queue records refundId retentionMs routingKey
  rule schema sku starts topic total trackingNumber worker workerVersion
  as-of.type alerts.subject edges.from edges.to endpoint.url endpoints.url entries.role entries.subject events.source
  events.type export.source families.name first.source first.source findings.subject groups.reason groups.state kafka.reason letter.source
  letters.source lines.name main.name marks.kind nodes.id nodes.label orders.status others.name partitions.from
  partitions.member partitions.reason partitions.to problems.path products.name rabbitmq.reason replay-runs.target
  retries.name {id}.target run.target runs.target rules.id rules.label rules.sentence rules.unit silences.subject
  letters.where report.orderStatus report.target schema.name state.lines state.stock steps.key target.url targets.target topics.name user.email user.name user.role
  `
    .trim()
    .split(/\s+/),
);

/** Routes that write their answer themselves, and mask it by the contract of its rows. */
const masksItself = [
  "GET /api/v1/dead-letters/export",
  "GET /api/v1/replay-runs/{id}/report",
  "GET /api/v1/topics/{name}/records",
  "POST /api/v1/dead-letter-exports",
];

type Leaf = { path: string; name: string; full: string };

/** Texts that may say anything, and are not marked. */
function freeTexts(schema: z.ZodType, path: string[] = []): Leaf[] {
  if (personalKindOf(schema) !== null) return [];
  const def = (schema as unknown as { def: Record<string, unknown> & { type: string } }).def;
  const inside = (one: unknown, ...more: string[]) => freeTexts(one as z.ZodType, [...path, ...more]);
  switch (def.type) {
    case "object":
      return Object.entries(def.shape as object).flatMap(([name, field]) => inside(field, name));
    case "array":
      return inside(def.element);
    case "tuple":
      return (def.items as unknown[]).flatMap((item) => inside(item));
    case "union":
      return (def.options as unknown[]).flatMap((option) => inside(option));
    case "record":
      return inside(def.valueType);
    case "pipe":
      return inside(def.out);
    case "string":
      return ["uuid", "datetime"].includes(def.format as string) ? [] : [leaf(path)];
    case "number":
    case "boolean":
    case "enum":
    case "literal":
    case "null":
      return [];
    default:
      if ("innerType" in def) return inside(def.innerType);
      return [leaf(path)];
  }
}
const leaf = (path: string[]): Leaf => ({
  path: path.join("."),
  name: path.at(-1) ?? "",
  full: path.slice(-2).join(".").split("/").at(-1)!,
});

const routes = await describedRoutes();
const answers = routes.flatMap(({ method, path, described }) =>
  described.replies === "bytes" ? [] : freeTexts(described.replies, [`${method} ${path}`]),
);
const rows = [
  ...freeTexts(LetterRow, ["export"]),
  ...freeTexts(ReportLine, ["report"]),
  ...freeTexts(BrowsedRecord, ["record"]),
];
const messages = [...contractsByType.values()].flatMap(({ type, body }) => freeTexts(body, [type]));

test("every text that an answer or a message holds was judged: personal, or nobody's", () => {
  const found = [...answers, ...rows, ...messages];
  expect(found.length).toBeGreaterThan(100);
  const unjudged = found.filter(({ name, full }) => !nobodys.has(name) && !nobodys.has(full));
  expect(unjudged.map(({ path }) => path)).toEqual([]);
  const names = new Set(found.flatMap(({ name, full }) => [name, full]));
  expect([...nobodys].filter((name) => !names.has(name))).toEqual([]);
});

test("a route that writes its bytes itself demands the right to see personal data, or is known to mask them", () => {
  const open = routes
    .filter(({ described }) => described.replies === "bytes" && described.permission !== "personal-data:read")
    .map(({ method, path }) => `${method} ${path}`);
  expect(open.toSorted()).toEqual(masksItself);
});

test("a new field is found: in lists, in unions, behind null", () => {
  const schema = z.object({ orders: z.array(z.object({ phone: z.string().nullable() })), any: z.unknown() });
  expect(freeTexts(schema).map(({ path }) => path)).toEqual(["orders.phone", "any"]);
  expect(freeTexts(z.union([z.object({ a: z.url() }), z.object({ b: z.int() })]))).toHaveLength(1);
});

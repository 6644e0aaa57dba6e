import type { EditCheck } from "#contracts/api/replays";
import { Envelope } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

type Problem = EditCheck["problems"][number];

/** The letter as the editor found it. */
export type Editable = { messageId: string | null; messageType: string | null; orderId: string | null };

/**
 * Checks a corrected body: first that it is JSON and fits its contract, then against the order in the database. A fatal
 * problem can't be sent at all; the others can, by somebody who says why.
 */
export async function checkEdit(db: Db, letter: Editable, body: string): Promise<Problem[]> {
  const read = readBody(body);
  if ("problem" in read) return [read.problem];
  const { envelope } = read;
  const problems = checkContract(letter, envelope);
  if (problems.some(({ isFatal }) => isFatal)) return problems;
  return [...problems, ...(await checkOrder(db, envelope))];
}

const fatal = (path: string, message: string): Problem => ({ path, message, isFatal: true });
const doubtful = (path: string, message: string): Problem => ({ path, message, isFatal: false });

function readBody(body: string): { envelope: Envelope } | { problem: Problem } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { problem: fatal("", `This is not JSON: ${(error as Error).message}`) };
  }
  const parsed = Envelope.safeParse(value);
  if (parsed.success) return { envelope: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: fatal(issue!.path.join("."), issue!.message) };
}

function checkContract(letter: Editable, envelope: Envelope): Problem[] {
  const problems: Problem[] = [];
  if (letter.messageId !== null && envelope.id !== letter.messageId)
    problems.push(fatal("id", "The id stays: by it the worker knows whether this was done already."));
  if (letter.orderId !== null && envelope.orderId !== letter.orderId)
    problems.push(fatal("orderId", "The order stays: this message belongs to it."));
  if (letter.messageType !== null && contractsByType.has(letter.messageType) && envelope.type !== letter.messageType)
    problems.push(fatal("type", `The type stays ${letter.messageType}: another one is another message.`));
  const contract = contractsByType.get(envelope.type);
  if (!contract) return [...problems, fatal("type", `No contract is declared for ${envelope.type}.`)];
  if (envelope.version > contract.version)
    problems.push(fatal("version", `Version ${envelope.version} is newer than ours, ${contract.version}.`));
  const data = contract.body.safeParse(envelope.data);
  if (!data.success)
    for (const { path, message } of data.error.issues.slice(0, 20))
      problems.push(fatal(["data", ...path].join("."), message));
  return problems;
}

type Order = { totalCents: number; currency: string; customerId: string; number: number };
type Claims = {
  amountCents?: unknown;
  customerId?: unknown;
  orderNumber?: unknown;
  lines?: unknown;
  order?: { totalCents?: unknown; currency?: unknown; number?: unknown };
};

async function checkOrder(db: Db, envelope: Envelope): Promise<Problem[]> {
  const [order] = await db.rows<Order>(sql`
    SELECT total_cents AS "totalCents", currency, customer_id AS "customerId", number FROM orders WHERE id = ${envelope.orderId}::uuid`);
  if (!order) return [doubtful("orderId", "There is no order with this id.")];
  const data = (envelope.data ?? {}) as Claims;
  const facts: [path: string, told: unknown, is: number | string, what: string][] = [
    ["data.amountCents", data.amountCents, order.totalCents, "The amount is not the order's total"],
    ["data.order.totalCents", data.order?.totalCents, order.totalCents, "The total is not the order's"],
    ["data.order.currency", data.order?.currency, order.currency, "The currency is not the order's"],
    ["data.customerId", data.customerId, order.customerId, "The customer is not the order's"],
    ["data.order.number", data.order?.number, order.number, "The number is not the order's"],
    ["data.orderNumber", data.orderNumber, order.number, "The number is not the order's"],
  ];
  const problems = facts
    .filter(([, told, is]) => told !== undefined && told !== is)
    .map(([path, told, is, what]) => doubtful(path, `${what}: ${told} instead of ${is}.`));
  return [...problems, ...(await checkSkus(db, data.lines))];
}

async function checkSkus(db: Db, lines: unknown): Promise<Problem[]> {
  if (!Array.isArray(lines)) return [];
  const skus = lines.map((line) => String((line as { sku?: unknown })?.sku ?? ""));
  const known = await db.rows<{ sku: string }>(sql`SELECT sku FROM products WHERE sku = ANY(${skus}::text[])`);
  const names = new Set(known.map(({ sku }) => sku));
  return skus.flatMap((sku, index) =>
    names.has(sku) ? [] : [doubtful(`data.lines.${index}.sku`, `There is no product ${sku || "(empty)"}.`)],
  );
}

/** What a check needs to know of a letter; null when there is none. */
export async function findEditable(db: Db, letterId: string): Promise<Editable | null> {
  const [letter] = await db.rows<Editable>(sql`
    SELECT message_id AS "messageId", message_type AS "messageType", order_id AS "orderId" FROM dead_letters WHERE id = ${letterId}::uuid`);
  return letter ?? null;
}

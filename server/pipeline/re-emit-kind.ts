import { MAX_RE_EMITS, type ReEmitKindReply, type ReEmitKindRequest } from "#contracts/api/findings";
import type { FindingKind } from "#contracts/vocabulary";
import type { Operation } from "#server/platform/act";
import { inTransaction, type Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { RE_EMIT_ACTION } from "./findings.ts";
import { type Done, type Finding, lockFinding, noteReEmit, sendFinding } from "./re-emit.ts";

type Accepted = NonNullable<ReEmitKindRequest["accepted"]>;

/** What sending all findings of a kind again would do: it is done, looked at, and rolled back. Changes nothing. */
export async function planReEmits(kind: FindingKind): Promise<ReEmitKindReply> {
  let plan: ReEmitKindReply | undefined;
  await inTransaction(async (tx) => {
    const rows = await tx.rows<{ id: string }>(sql`
      SELECT id FROM findings WHERE kind = ${kind} AND resolved_at IS NULL ORDER BY found_at, id LIMIT ${MAX_RE_EMITS}`);
    plan = await sendEach(
      tx,
      kind,
      rows.map(({ id }) => id),
    );
    throw new Rehearsed();
  }).catch((error) => {
    if (!(error instanceof Rehearsed)) throw error;
  });
  return plan!;
}

class Rehearsed extends Error {}

/** Sends a plan's findings again, each noted in the audit by itself; those that resolved meanwhile are left alone. */
export async function reEmitKind(
  operation: Operation,
  kind: FindingKind,
  { findingIds, reason }: Accepted,
): Promise<ReEmitKindReply> {
  const reply = await sendEach(operation.tx, kind, [...new Set(findingIds)], (finding, done) =>
    noteReEmit(operation, finding, reason, done),
  );
  return { ...reply, operationId: operation.id };
}

async function sendEach(
  tx: Tx,
  kind: FindingKind,
  ids: readonly string[],
  onSent: (finding: Finding, done: Done) => void = () => {},
): Promise<ReEmitKindReply> {
  const facts = await readFacts(tx, kind, ids);
  const effects = new Map<string, number>();
  const left = new Map<string, number>();
  const sent: string[] = [];
  const add = (counts: Map<string, number>, words: string) => counts.set(words, (counts.get(words) ?? 0) + 1);
  for (const id of ids)
    try {
      const finding = await lockFinding(tx, id);
      if (finding.kind !== kind) throw new Problem(422, "other_kind", "It is a finding of another kind.");
      const done = await sendFinding(tx, finding);
      onSent(finding, done);
      sent.push(id);
      add(effects, done.detail);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      add(left, error.detail);
    }
  const inWords = (counts: Map<string, number>) => [...counts].toSorted((a, b) => b[1] - a[1]);
  return {
    operationId: null,
    findingIds: sent,
    ...facts,
    effects: inWords(effects).map(([detail, findings]) => ({ detail, findings })),
    left: inWords(left).map(([why, findings]) => ({ why, findings })),
  };
}

type Facts = Pick<ReEmitKindReply, "open" | "orders" | "money" | "sentBefore">;

async function readFacts(tx: Tx, kind: FindingKind, ids: readonly string[]): Promise<Facts> {
  const [facts] = await tx.rows<Facts>(sql`
    WITH these AS (SELECT id, order_id FROM findings WHERE id = ANY(${ids}::uuid[])),
         sums AS (SELECT o.currency, sum(o.total_cents)::bigint AS cents
                    FROM (SELECT DISTINCT order_id FROM these) t JOIN orders o ON o.id = t.order_id AND NOT o.is_test GROUP BY o.currency)
    SELECT (SELECT count(*) FROM findings WHERE kind = ${kind} AND resolved_at IS NULL) AS open,
           (SELECT count(DISTINCT order_id) FROM these) AS orders,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('currency', currency, 'cents', cents) ORDER BY currency), '[]') FROM sums) AS money,
           (SELECT count(*) FROM these t WHERE EXISTS (
              SELECT 1 FROM audit_entries a WHERE a.subject = 'finding:' || t.id AND a.action = ${RE_EMIT_ACTION} AND a.stage = 'intent')) AS "sentBefore"`);
  return facts!;
}

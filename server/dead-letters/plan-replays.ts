import { v7 as uuidv7 } from "uuid";
import type { StoredHeader } from "#contracts/api/dead-letters";
import type { Plan, PlanRequest, ReplayTarget, Selection } from "#contracts/api/replays";
import type { DeadLetterStatus, ReplayKind, Verdict } from "#contracts/vocabulary";
import type { Operation } from "#server/platform/act";
import { crashPoint } from "#server/platform/crash-point";
import type { Db, Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { guardTarget } from "./guard-target.ts";
import { judge } from "./judge-replays.ts";
import { findLetterIds } from "./letter-search.ts";
import { moneyOfLetters } from "./money.ts";
import { outstandingRuns } from "./outstanding-runs.ts";
import { activeRedirects, type Redirects, redirected } from "./redirects.ts";
import { describeTarget, isDeathMark, originTarget, REPLAY_HEADER } from "./replay-message.ts";

/** Letters in one plan, at most. */
export const MAX_PLAN = 100_000;
/** A plan that nobody accepted by then is void. */
const PLAN_LIFE_MS = 15 * 60_000;

type PlannedLetter = {
  id: string;
  version: number;
  status: DeadLetterStatus;
  consumer: string | null;
  messageId: string | null;
  messageType: string | null;
  hasBody: boolean;
  origin: { queue: string } | { topic: string; partition: number; offset: string };
};

/**
 * Freezes a set of letters and says what a run over it would do. Nothing is sent, no letter is touched.
 * Letters of one order stand in the order in which they came about.
 * @throws Problem 404 when nothing is selected, 422 for a target that can't take the letters.
 */
export async function planReplays(operation: Operation, request: PlanRequest): Promise<Plan> {
  const { tx, actor } = operation;
  const ids = await selectLetters(tx, request.selection);
  const letters = await readInCausalOrder(tx, ids);
  if (letters.length === 0) throw new Problem(404, "nothing_selected", "No dead letter is selected.");
  const { target } = request;
  if (target) guardTarget(target, letters);
  const { plannable, refused } = await sortOut(tx, letters);
  const judged = await judge(
    tx,
    plannable.map(({ id }) => id),
  );
  const kind: ReplayKind = target ? "redirect" : "retry";
  const planId = uuidv7();
  const expiresAt = new Date(Date.now() + PLAN_LIFE_MS);
  await tx.rows(sql`
    INSERT INTO replay_runs (id, operation_id, name, kind, status, selection, target, rate_per_second, letters, planned_by, expires_at)
    VALUES (${planId}::uuid, ${operation.id}::uuid, '', ${kind}, 'planned', ${JSON.stringify(request.selection)}::jsonb,
            ${target ? JSON.stringify(target) : null}::jsonb, ${request.ratePerSecond}, ${plannable.length}, ${actor.name}, ${expiresAt})`);
  await tx.rows(sql`
    INSERT INTO replays (id, run_id, letter_id, position, letter_version, verdict, verdict_reason)
    SELECT gen_random_uuid(), ${planId}::uuid, letter_id, position, letter_version, verdict, verdict_reason
      FROM unnest(${plannable.map(({ id }) => id)}::uuid[], ${plannable.map((_, index) => index)}::int[],
                  ${plannable.map(({ version }) => version)}::int[], ${plannable.map(({ id }) => judged.get(id)!.verdict)}::text[],
                  ${plannable.map(({ id }) => judged.get(id)!.reason)}::text[])
        AS r(letter_id, position, letter_version, verdict, verdict_reason)`);
  crashPoint("plan:before-commit");
  const verdicts = countVerdicts(plannable.map(({ id }) => judged.get(id)!));
  return {
    planId,
    kind,
    letters: plannable.length,
    expiresAt: expiresAt.toISOString(),
    verdicts,
    leftOut: verdicts.reduce((sum, { verdict, letters: count }) => (verdict === "safe" ? sum : sum + count), 0),
    refused,
    ...(await moneyOfLetters(tx, plannable)),
    targets: countTargets(plannable, target, await activeRedirects(tx)),
    ...(await headerChanges(tx, plannable)),
    ratePerSecond: request.ratePerSecond,
    durationMs: Math.ceil((plannable.length / request.ratePerSecond) * 1_000),
  };
}

/** The ids of a selection. @throws Problem 422 when a filter finds more than one plan may hold. */
export async function selectLetters(db: Db, selection: Selection): Promise<string[]> {
  if ("letterIds" in selection) return [...new Set(selection.letterIds)];
  const ids = await findLetterIds(db, selection.filter, MAX_PLAN + 1);
  if (ids.length > MAX_PLAN)
    throw new Problem(422, "selection_too_large", `More than ${MAX_PLAN} letters are selected: narrow the filter.`);
  return ids;
}

/**
 * Orders by the age of their oldest letter; inside an order by place in its history, then by when it first died: a
 * replay repeats the order's story as it was told.
 */
const readInCausalOrder = (tx: Tx, ids: readonly string[]): Promise<PlannedLetter[]> =>
  tx.rows<PlannedLetter>(sql`
    SELECT l.id, l.version, l.status, l.consumer, l.message_id AS "messageId", l.message_type AS "messageType",
           d.body IS NOT NULL AS "hasBody", d.origin
      FROM dead_letters l
      JOIN LATERAL (SELECT body, origin FROM dead_letter_deaths WHERE letter_id = l.id ORDER BY id DESC LIMIT 1) d ON true
     WHERE l.id = ANY(${ids}::uuid[])
     ORDER BY min(l.first_died_at) OVER (PARTITION BY coalesce(l.order_id, l.id)), coalesce(l.order_id, l.id),
              nullif(l.seq, 0) NULLS LAST, l.first_died_at, l.id`);

/** What no plan may hold is counted with its reason; of what is under way, with the name of its run. */
async function sortOut(tx: Tx, letters: readonly PlannedLetter[]) {
  const plannable = letters.filter(({ status }) => status !== "replaying" && status !== "archived");
  const underWay = letters.filter(({ status }) => status === "replaying").map(({ id }) => id);
  const archived = letters.filter(({ status }) => status === "archived").length;
  const runs = underWay.length > 0 ? await outstandingRuns(tx, underWay) : [];
  const refused = runs.map(({ name, letters: count }) => ({ reason: `already in run “${name}”`, letters: count }));
  if (archived > 0) refused.push({ reason: "archived: restore it first", letters: archived });
  const quarantined = plannable.filter(({ status }) => status === "quarantined").length;
  if (quarantined > 0)
    refused.push({
      reason: "quarantined after three replays: edit it, or override with a reason",
      letters: quarantined,
    });
  return { plannable, refused };
}

function countVerdicts(judged: readonly { verdict: Verdict; reason: string }[]): Plan["verdicts"] {
  const counts = new Map<Verdict, Plan["verdicts"][number]>();
  for (const { verdict, reason } of judged) {
    const earlier = counts.get(verdict);
    if (earlier) earlier.letters += 1;
    else counts.set(verdict, { verdict, reason, letters: 1 });
  }
  return [...counts.values()].sort((a, b) => b.letters - a.letters);
}

/** Where they would go now: a standing redirect holds for whatever is sent, and may be another one by then. */
function countTargets(
  letters: readonly PlannedLetter[],
  target: ReplayTarget | undefined,
  redirects: Redirects,
): Plan["targets"] {
  const counts = new Map<string, number>();
  for (const letter of letters) {
    const place = describeTarget(redirected(target ?? originTarget(letter), redirects));
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return [...counts].map(([place, count]) => ({ target: place, letters: count }));
}

/** Names only, from a sample: a plan of 100,000 letters need not read every header. */
async function headerChanges(tx: Tx, letters: readonly PlannedLetter[]) {
  const sample = letters.slice(0, 50).map(({ id }) => id);
  const rows = await tx.rows<{ headers: StoredHeader[] }>(sql`
    SELECT d.headers FROM unnest(${sample}::uuid[]) AS s(id)
      JOIN LATERAL (SELECT headers FROM dead_letter_deaths WHERE letter_id = s.id ORDER BY id DESC LIMIT 1) d ON true`);
  const names = new Set(rows.flatMap(({ headers }) => headers.map(([name]) => name)));
  return { headersRemoved: [...names].filter(isDeathMark).sort(), headersAdded: [REPLAY_HEADER] };
}

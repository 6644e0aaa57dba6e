import { leading } from "#server/messaging/leading";
import { type Db, db, inTransaction } from "#server/platform/db";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import { type AlertFacts, alertRules, findConditions, type RuleSetting, settingOf } from "./alert-rules.ts";
import { notifying, type SendNotice } from "./notify-alerts.ts";
import { readAlertFacts } from "./read-alert-facts.ts";
import { type AlertSteps, type OpenAlert, stepAlerts } from "./step-alerts.ts";

const EVERY_MS = 5_000;
export const ALERT_LOCK = 7_042_005;
/** Resolved alerts are kept so long, days. */
const KEPT_DAYS = 30;

/**
 * Looks every 5 s whether anything is wrong by the rules, in one process of all, and tells the channels: once when an
 * alert fires, once when it is over. Who takes over goes on from the tables; only how long something was fine is asked anew.
 */
export function watchAlerts(send: SendNotice, everyMs = EVERY_MS): { stop(): Promise<void> } {
  return leading(ALERT_LOCK, "alerts", async (stopping) => {
    const fineSince = new Map<string, number>();
    const notify = notifying(send);
    while (!stopping.aborted) {
      await lookOnce(await readAlertFacts(), fineSince);
      // A channel that hangs must not keep the next alert from being seen.
      notify().catch((error: Error) => log().warn({ error: error.message }, "nobody was told of alerts"));
      await stopping.pause(everyMs);
    }
  });
}

/** One look: what began, fires, changed or is over, written down together. */
export async function lookOnce(facts: AlertFacts, fineSince: Map<string, number>): Promise<AlertSteps> {
  return inTransaction(async (tx) => {
    const settings = await readSettings(tx);
    const open = await tx.rows<OpenAlert>(sql`
      SELECT id, rule, subject, status, summary, href, value, since FROM alerts WHERE resolved_at IS NULL FOR UPDATE`);
    const forMs = (id: string) => {
      const rule = alertRules.find((one) => one.id === id);
      const setting = rule && settingOf(rule, settings.get(id));
      return setting?.isEnabled ? setting.forMs : null;
    };
    const { known, at: now } = facts;
    const conditions = findConditions(facts, settings);
    const steps = stepAlerts(open, conditions, { known, now, forMs, fineSince });
    await write(tx, steps, facts.at, forMs);
    return steps;
  });
}

/** What somebody changed of the rules, by rule. */
export async function readSettings(from: Db = db): Promise<Map<string, Partial<RuleSetting>>> {
  const rows = await from.rows<{ id: string; isEnabled: boolean; threshold: number | null; forMs: number }>(
    sql`SELECT id, is_enabled AS "isEnabled", threshold, for_ms AS "forMs" FROM alert_rules`,
  );
  return new Map(rows.map(({ id, threshold, ...rest }) => [id, { ...rest, threshold }]));
}

async function write(tx: Db, steps: AlertSteps, at: Date, forMs: (rule: string) => number | null): Promise<void> {
  const { begin, change, fire, forget, resolve } = steps;
  const isInstant = begin.map(({ rule }) => forMs(rule) === 0);
  await tx.rows(sql`
    INSERT INTO alerts (id, rule, subject, status, summary, href, value, since, fired_at)
    SELECT gen_random_uuid(), rule, subject, CASE WHEN instant THEN 'firing' ELSE 'pending' END, summary, href, value, ${at},
           CASE WHEN instant THEN ${at}::timestamptz END
      FROM unnest(${begin.map(({ rule }) => rule)}::text[], ${begin.map(({ subject }) => subject)}::text[],
                  ${begin.map(({ summary }) => summary)}::text[], ${begin.map(({ href }) => href)}::text[],
                  ${begin.map(({ value }) => value)}::float8[], ${isInstant}::boolean[])
        AS b(rule, subject, summary, href, value, instant)
    ON CONFLICT (rule, subject) WHERE resolved_at IS NULL DO NOTHING`);
  await tx.rows(sql`
    UPDATE alerts a SET summary = c.summary, href = c.href, value = c.value
      FROM unnest(${change.map(({ id }) => id)}::uuid[], ${change.map(({ summary }) => summary)}::text[],
                  ${change.map(({ href }) => href)}::text[], ${change.map(({ value }) => value)}::float8[])
        AS c(id, summary, href, value) WHERE a.id = c.id`);
  await tx.rows(sql`UPDATE alerts SET status = 'firing', fired_at = ${at} WHERE id = ANY(${fire}::uuid[])`);
  await tx.rows(sql`DELETE FROM alerts WHERE id = ANY(${forget}::uuid[])`);
  // The curves take the firing from the alert itself; its end is a mark of its own.
  await tx.rows(sql`
    WITH ended AS (
      UPDATE alerts SET status = 'resolved', resolved_at = greatest(${at}, notified_at) WHERE id = ANY(${resolve}::uuid[]) RETURNING summary, href
    )
    INSERT INTO pipeline_marks (occurred_at, kind, label, href) SELECT ${at}, 'alert_resolved', 'Over: ' || summary, href FROM ended`);
  await tx.rows(sql`DELETE FROM alerts WHERE resolved_at < ${at}::timestamptz - ${KEPT_DAYS} * interval '1 day'`);
}

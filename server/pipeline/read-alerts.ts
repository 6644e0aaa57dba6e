import type { Alerts } from "#contracts/api/alerts";
import { isLed } from "#server/messaging/leading";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { alertRules, settingOf, showRule } from "./alert-rules.ts";
import { ALERT_LOCK, readSettings } from "./watch-alerts.ts";

/** Of what is over, the newest so many. */
const RESOLVED_SHOWN = 50;

type Row = Omit<Alerts["alerts"][number], "since" | "firedAt" | "resolvedAt"> & {
  since: Date;
  firedAt: Date | null;
  resolvedAt: Date | null;
};

/** Alerts, firing first, then newest first; the rules as they work; channels; silences that last. */
export async function readAlerts(): Promise<Alerts> {
  const [alerts, settings, channels, silences, isWatched] = await Promise.all([
    db.rows<Row>(sql`
      WITH shown AS (
        SELECT * FROM alerts WHERE resolved_at IS NULL
        UNION ALL (SELECT * FROM alerts WHERE resolved_at IS NOT NULL ORDER BY resolved_at DESC LIMIT ${RESOLVED_SHOWN})
      )
      SELECT id, rule, subject, status, summary, href, value, since, fired_at AS "firedAt", acknowledged_by AS "acknowledgedBy",
             resolved_at AS "resolvedAt",
             EXISTS (SELECT FROM alert_silences s WHERE s.ends_at > now() AND (s.rule IS NULL OR s.rule = a.rule)
                        AND (s.subject IS NULL OR s.subject = a.subject)) AS "isSilenced"
        FROM shown a
       ORDER BY array_position(ARRAY['firing', 'acknowledged', 'pending', 'resolved'], status), coalesce(resolved_at, since) DESC, id`),
    readSettings(),
    db.rows<Omit<Alerts["channels"][number], "lastSentAt"> & { lastSentAt: Date | null }>(sql`
      SELECT id, kind, address, is_enabled AS "isEnabled", last_outcome AS "lastOutcome", last_sent_at AS "lastSentAt"
        FROM alert_channels ORDER BY kind, address`),
    db.rows<Omit<Alerts["silences"][number], "endsAt"> & { endsAt: Date }>(sql`
      SELECT id, rule, subject, reason, created_by AS "createdBy", ends_at AS "endsAt"
        FROM alert_silences WHERE ends_at > now() ORDER BY ends_at, id`),
    isLed(ALERT_LOCK),
  ]);
  return {
    alerts: alerts.map((row) => ({
      ...row,
      since: row.since.toISOString(),
      firedAt: row.firedAt?.toISOString() ?? null,
      resolvedAt: row.resolvedAt?.toISOString() ?? null,
    })),
    rules: alertRules.map((rule) => showRule(rule, settingOf(rule, settings.get(rule.id)))),
    channels: channels.map((row) => ({ ...row, lastSentAt: row.lastSentAt?.toISOString() ?? null })),
    silences: silences.map((row) => ({ ...row, endsAt: row.endsAt.toISOString() })),
    isWatched,
  };
}

import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { ChannelRequest, RuleChange, SilenceRequest } from "#contracts/api/alerts";
import type { Operation } from "#server/platform/act";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { alertRules, settingOf } from "./alert-rules.ts";
import { type Channel, type SendNotice, sendAndNote } from "./notify-alerts.ts";
import { readSettings } from "./watch-alerts.ts";

/** Somebody is on it: nobody else is told, and the alert stays until it is fine. Twice it is the first one's. @throws Problem 404. */
export async function acknowledgeAlert(operation: Operation, id: string): Promise<void> {
  const [alert] = await operation.tx.rows<{ rule: string; subject: string; status: string }>(
    sql`SELECT rule, subject, status FROM alerts WHERE id = ${id}::uuid FOR UPDATE`,
  );
  if (!alert) throw new Problem(404, "alert_not_found", "There is no alert with this id.");
  if (alert.status !== "firing") return;
  await operation.tx.rows(sql`
    UPDATE alerts SET status = 'acknowledged', acknowledged_by = ${operation.actor.name}, acknowledged_at = now() WHERE id = ${id}::uuid`);
  operation.intend({
    action: "alerts:acknowledge",
    subject: `alert:${id}`,
    before: alert,
    after: { status: "acknowledged" },
  });
}

/** From the next look on the rule works as set. @throws Problem 404 for no rule, 422 for a limit where there is none to set. */
export async function changeRule(operation: Operation, id: string, change: z.infer<typeof RuleChange>): Promise<void> {
  const rule = alertRules.find((one) => one.id === id);
  if (!rule) throw new Problem(404, "rule_not_found", "There is no rule with this id.");
  if (rule.threshold === null && change.threshold !== undefined)
    throw new Problem(422, "rule_without_threshold", "This rule has no limit to set.");
  await operation.tx.rows(sql`SELECT pg_advisory_xact_lock(hashtext('alert_rules'))`);
  const before = settingOf(rule, (await readSettings(operation.tx)).get(id));
  const after = { ...before, ...change };
  await operation.tx.rows(sql`
    INSERT INTO alert_rules (id, is_enabled, threshold, for_ms, changed_by)
    VALUES (${id}, ${after.isEnabled}, ${after.threshold}, ${after.forMs}, ${operation.actor.name})
    ON CONFLICT (id) DO UPDATE SET is_enabled = excluded.is_enabled, threshold = excluded.threshold, for_ms = excluded.for_ms,
                                   changed_by = excluded.changed_by, changed_at = now()`);
  operation.intend({ action: "alerts:change-rule", subject: `alert-rule:${id}`, before, after });
}

/** Nobody is told of what matches until it ends; the alerts stand on the screen all the same. */
export async function addSilence(operation: Operation, silence: z.infer<typeof SilenceRequest>): Promise<void> {
  const { rule, subject, reason, forMs } = silence;
  if (rule !== null && !alertRules.some(({ id }) => id === rule))
    throw new Problem(422, "rule_not_found", "There is no rule with this id.");
  const id = randomUUID();
  await operation.tx.rows(sql`
    INSERT INTO alert_silences (id, rule, subject, reason, created_by, ends_at)
    VALUES (${id}::uuid, ${rule}, ${subject}, ${reason}, ${operation.actor.name}, now() + ${forMs} * interval '1 millisecond')`);
  operation.intend({ action: "alerts:silence", subject: `silence:${id}`, reason, after: { rule, subject, forMs } });
}

/** Ends it now. @throws Problem 404. */
export async function endSilence(operation: Operation, id: string): Promise<void> {
  const [before] = await operation.tx.rows<object>(sql`
    UPDATE alert_silences SET ends_at = now() WHERE id = ${id}::uuid AND ends_at > now() RETURNING rule, subject, reason`);
  if (!before) throw new Problem(404, "silence_not_found", "There is no silence with this id that still lasts.");
  operation.intend({ action: "alerts:end-silence", subject: `silence:${id}`, before });
}

/**
 * @param guardUrl refuses a webhook's URL that we may not call.
 * @throws Problem 422 for such a URL, 409 for a channel that stands already.
 */
export async function addChannel(
  operation: Operation,
  { kind, address }: z.infer<typeof ChannelRequest>,
  guardUrl: (url: string, options: { allowLoopback: boolean }) => unknown,
): Promise<void> {
  if (kind === "webhook") {
    try {
      guardUrl(address, { allowLoopback: env().WEBHOOK_ALLOW_LOOPBACK });
    } catch (error) {
      throw new Problem(422, "url_not_allowed", `${(error as Error).message}.`);
    }
  }
  await operation.tx.rows(sql`SELECT pg_advisory_xact_lock(hashtext('alert_channels'))`);
  const [same] = await operation.tx.rows(
    sql`SELECT id FROM alert_channels WHERE kind = ${kind} AND address = ${address}`,
  );
  if (same) throw new Problem(409, "channel_exists", "This channel is told already.");
  const id = randomUUID();
  await operation.tx.rows(sql`
    INSERT INTO alert_channels (id, kind, address, created_by) VALUES (${id}::uuid, ${kind}, ${address}, ${operation.actor.name})`);
  operation.intend({ action: "alerts:add-channel", subject: `alert-channel:${id}`, after: { kind, address } });
}

/** @throws Problem 404. */
export async function removeChannel(operation: Operation, id: string): Promise<void> {
  const [before] = await operation.tx.rows<object>(
    sql`DELETE FROM alert_channels WHERE id = ${id}::uuid RETURNING kind, address`,
  );
  if (!before) throw new Problem(404, "channel_not_found", "There is no channel with this id.");
  operation.intend({ action: "alerts:remove-channel", subject: `alert-channel:${id}`, before });
}

/** Sends a test, once, and tells what came of it. @throws Problem 404. */
export async function testChannel(id: string, send: SendNotice): Promise<{ isTold: boolean; outcome: string }> {
  const [channel] = await db.rows<Channel>(sql`SELECT id, kind, address FROM alert_channels WHERE id = ${id}::uuid`);
  if (!channel) throw new Problem(404, "channel_not_found", "There is no channel with this id.");
  return sendAndNote(send, channel, { id: randomUUID(), kind: "test", title: "Test of this channel", alerts: [] });
}

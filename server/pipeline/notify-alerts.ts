import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import { alertRules } from "./alert-rules.ts";

/** What a channel is told: everything of one rule that began, or that is over. */
export type Notice = {
  /** The same in every attempt. */
  id: string;
  kind: "firing" | "resolved" | "test";
  title: string;
  alerts: { summary: string; url: string; since: string; value: number | null }[];
};
export type Channel = { id: string; kind: "email" | "webhook"; address: string };

/** Hands a notice to one channel. @throws what went wrong, in words an operator may read. */
export type SendNotice = (channel: Channel, notice: Notice) => Promise<void>;

/** Further alerts of a rule that has just been told wait so long and come together, ms. */
const REGROUP_MS = 60_000;
const ATTEMPT_AFTER_MS = [0, 1_000, 3_000];
/** Nobody could be told: the next try. */
const AGAIN_MS = 30_000;

type Untold = {
  id: string;
  rule: string;
  summary: string;
  href: string;
  value: number | null;
  since: Date;
  isOver: boolean;
};

/**
 * Makes a function that tells what nobody was told yet: a notice for each rule, and for what is over. Silenced alerts are
 * not told while the silence lasts, acknowledged ones not at all; what was never told is not told to be over. One round at a time.
 */
export function notifying(send: SendNotice, waits = { regroupMs: REGROUP_MS, againMs: AGAIN_MS }): () => Promise<void> {
  const toldMs = new Map<string, number>();
  let blockedUntilMs = 0;
  let round: Promise<void> | null = null;

  const tell = async () => {
    if (performance.now() < blockedUntilMs) return;
    const channels = await db.rows<Channel>(
      sql`SELECT id, kind, address FROM alert_channels WHERE is_enabled ORDER BY id`,
    );
    if (channels.length === 0) return;
    const groups = Map.groupBy(await readUntold(), ({ rule, isOver }) => `${isOver ? "resolved" : "firing"}\n${rule}`);
    for (const [key, alerts] of groups) {
      if (performance.now() - (toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < waits.regroupMs) continue;
      const outcomes = await Promise.all(
        channels.map((channel) => sendPatiently(send, channel, prepareNotice(alerts))),
      );
      if (outcomes.every((isTold) => !isTold)) {
        blockedUntilMs = performance.now() + waits.againMs;
        return;
      }
      toldMs.set(key, performance.now());
      await db.rows(
        sql`UPDATE alerts SET notified_at = greatest(clock_timestamp(), resolved_at + interval '1 millisecond') WHERE id = ANY(${alerts.map(({ id }) => id)}::uuid[])`,
      );
    }
  };
  return () => {
    round ??= tell().finally(() => {
      round = null;
    });
    return round;
  };
}

/** `notified_at` before `resolved_at` says that the beginning was told and the end was not. */
const readUntold = () =>
  db.rows<Untold>(sql`
    SELECT id, rule, summary, href, value, since, resolved_at IS NOT NULL AS "isOver" FROM alerts a
     WHERE ((status = 'firing' AND notified_at IS NULL) OR (resolved_at IS NOT NULL AND notified_at <= resolved_at))
       AND NOT EXISTS (SELECT FROM alert_silences s WHERE s.ends_at > now() AND (s.rule IS NULL OR s.rule = a.rule)
                          AND (s.subject IS NULL OR s.subject = a.subject))
     ORDER BY since, id`);

function prepareNotice(alerts: readonly Untold[]): Notice {
  const { rule, isOver } = alerts[0]!;
  const label = alertRules.find(({ id }) => id === rule)?.label ?? rule;
  const many = alerts.length > 1 ? ` (${alerts.length})` : "";
  return {
    id: randomUUID(),
    kind: isOver ? "resolved" : "firing",
    title: `${isOver ? "Over: " : ""}${label}${many}`,
    alerts: alerts.map(({ summary, href, since, value }) => ({
      summary,
      url: new URL(href, env().PUBLIC_URL).href,
      since: since.toISOString(),
      value,
    })),
  };
}

/** Three attempts; what came of them stands at the channel. @returns whether it was told. */
async function sendPatiently(send: SendNotice, channel: Channel, notice: Notice): Promise<boolean> {
  let fault = "";
  for (const afterMs of ATTEMPT_AFTER_MS) {
    await sleep(afterMs, undefined, { ref: false });
    const { isTold, outcome } = await sendAndNote(send, channel, notice);
    if (isTold) return true;
    fault = outcome;
  }
  log().warn({ channel: channel.id, error: fault }, "a channel was not told of an alert");
  return false;
}

/** One attempt, noted at the channel. Never throws for the channel's fault. */
export async function sendAndNote(
  send: SendNotice,
  channel: Channel,
  notice: Notice,
): Promise<{ isTold: boolean; outcome: string }> {
  const failed = await send(channel, notice).then(
    () => null,
    (error: Error) => error.message.slice(0, 300) || error.name,
  );
  const outcome = failed === null ? `${notice.kind === "test" ? "Test taken" : "Taken"}.` : `Not taken: ${failed}`;
  await db.rows(
    sql`UPDATE alert_channels SET last_outcome = ${outcome}, last_sent_at = now() WHERE id = ${channel.id}::uuid`,
  );
  return { isTold: failed === null, outcome };
}

import type { ReplayTarget } from "#contracts/api/replays";
import { OutcomeUnknown } from "#server/messaging/broker";
import type { KafkaPort } from "#server/messaging/kafka";
import type { RabbitPort } from "#server/messaging/rabbit";
import { writeReminders } from "#server/messaging/reminders";
import { crashPoint } from "#server/platform/crash-point";
import { db, inTransaction, type Tx } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { whyNot } from "./guard-target.ts";
import { activeRedirects, type Redirects, redirected } from "./redirects.ts";
import {
  describeTarget,
  type Outgoing,
  originTarget,
  outcomeConsumer,
  type Readers,
  type StagedReplay,
  toOutgoing,
} from "./replay-message.ts";

export type Senders = { rabbit: Pick<RabbitPort, "publish">; kafka: Pick<KafkaPort, "send">; readers: Readers };

/** Letters claimed, sent and marked together, at most. */
export const BATCH = 500;

/** What became of one replay on its way out. */
type Departure = {
  replayId: string;
  /** skipped = nothing left; uncertain = nobody can say. */
  status: "sent" | "skipped" | "uncertain" | "unknown";
  detail: string | null;
  target: ReplayTarget & { consumer: string | null };
};

type Staged = StagedReplay & { runTarget: ReplayTarget | null; claimedAt: Date };

/**
 * Claims the next letters of a run, sends them and marks what became of each. Three durable steps:
 *   1. claimed    the run's `claimed_through` is past them, committed: whoever finds one of them waiting after a crash
 *                 knows that it may have left
 *   2. sent       broker's confirm awaited; what goes straight to a worker leaves with step 3
 *   3. marked     outcome, redirects taken and audit in one transaction
 * A crash between 1 and 3 leaves rows that `recoverOrphans` judges; none is ever sent a second time by itself.
 * @returns how many were claimed, when they were sent; `marked` resolves when that is written down too.
 */
export async function sendNext(
  runId: string,
  limit: number,
  senders: Senders,
): Promise<{ claimed: number; marked: Promise<void> }> {
  const staged = await claim(runId, Math.min(limit, BATCH));
  if (staged.length === 0) return { claimed: 0, marked: Promise.resolve() };
  crashPoint("send:claimed");
  const redirects = await activeRedirects(db);
  const departing = staged.map((one) => depart(one, redirects, senders.readers));
  await Promise.all([sendToRabbit(departing, senders.rabbit), sendToKafka(departing, senders.kafka)]);
  crashPoint("send:confirmed");
  return { claimed: staged.length, marked: writeDown(runId, staged[0]!.claimedAt, departing) };
}

async function writeDown(runId: string, claimedAt: Date, departing: readonly Departing[]): Promise<void> {
  await inTransaction(async (tx) => {
    const reminders = departing.flatMap(({ outgoing }) => (outgoing?.way === "worker" ? [outgoing.reminder] : []));
    await writeReminders(tx, reminders);
    await mark(
      tx,
      runId,
      claimedAt,
      departing.map(({ departure }) => departure),
    );
    crashPoint("send:before-mark-commit");
  });
  crashPoint("send:marked");
}

type Departing = { departure: Departure; outgoing: Outgoing | null };

function depart({ runTarget, ...staged }: Staged, redirects: Redirects, readers: Readers): Departing {
  const planned = runTarget ?? originTarget({ ...staged, hasBody: staged.body !== null });
  const wanted = redirected(planned, redirects);
  const target = { ...wanted, consumer: outcomeConsumer(wanted, staged, readers) };
  try {
    if (wanted !== planned) guardRedirected(wanted, staged);
    const outgoing = toOutgoing(staged, wanted);
    return { departure: { replayId: staged.replayId, status: "sent", detail: null, target }, outgoing };
  } catch (error) {
    const detail = (error as Error).message;
    return { departure: { replayId: staged.replayId, status: "skipped", detail, target }, outgoing: null };
  }
}

/** A rule is checked against what should lie in a place; what does lie there may be anything. @throws Error. */
function guardRedirected(target: ReplayTarget, staged: StagedReplay): void {
  const reason = whyNot(target, staged);
  if (reason) throw new Error(`A standing redirect leads to ${describeTarget(target)}: ${reason}`);
}

async function sendToRabbit(departing: readonly Departing[], rabbit: Senders["rabbit"]): Promise<void> {
  const mine = departing.flatMap(({ outgoing, departure }) =>
    outgoing?.way === "rabbitmq" ? [{ departure, message: outgoing.message }] : [],
  );
  if (mine.length === 0) return;
  const outcomes = await rabbit.publish(mine.map(({ message }) => message));
  outcomes.forEach((error, index) => void settle(mine[index]!.departure, error));
}

async function sendToKafka(departing: readonly Departing[], kafka: Senders["kafka"]): Promise<void> {
  const mine = departing.flatMap(({ outgoing, departure }) =>
    outgoing?.way === "kafka" ? [{ departure, message: outgoing.message }] : [],
  );
  if (mine.length === 0) return;
  const error = await kafka.send(mine.map(({ message }) => message)).then(
    () => null,
    (fault: Error) => fault,
  );
  for (const { departure } of mine) settle(departure, error && new OutcomeUnknown(error.message));
}

function settle(departure: Departure, error: Error | null): void {
  const place = describeTarget(departure.target);
  if (error === null) {
    if (departure.target.consumer !== null) return;
    departure.status = "unknown";
    departure.detail = `It left for ${place}; nobody of ours reads there, so its outcome can't be seen.`;
  } else if (error instanceof OutcomeUnknown) {
    departure.status = "uncertain";
    departure.detail = `The broker did not say whether it took the message for ${place}: ${error.message}`;
  } else {
    departure.status = "skipped";
    departure.detail = `Nothing left: ${place} did not take it (${error.message}).`;
  }
}

/** Only from a running run, whose row is locked meanwhile: a cancel waits for this statement or comes before it. */
const claim = (runId: string, limit: number): Promise<Staged[]> =>
  db.rows<Staged>(sql`
    WITH run AS MATERIALIZED (
           SELECT id, target, claimed_through FROM replay_runs WHERE id = ${runId}::uuid AND status = 'running' FOR UPDATE),
         next AS MATERIALIZED (
           SELECT r.id, r.letter_id, r.edit_id, r.position FROM replays r
            WHERE r.run_id = ${runId}::uuid AND r.position > (SELECT claimed_through FROM run) AND r.status = 'waiting'
            ORDER BY r.position LIMIT ${limit}),
         claimed AS (
           UPDATE replay_runs SET claimed_through = (SELECT max(position) FROM next), claimed_at = clock_timestamp()
            WHERE id = (SELECT id FROM run) AND EXISTS (SELECT 1 FROM next)
           RETURNING target, claimed_at)
    SELECT n.id AS "replayId", l.id AS "letterId", l.message_id AS "messageId", l.message_type AS "messageType", l.consumer, d.key, d.properties, d.origin,
           coalesce(e.body, d.body) AS body, coalesce(e.headers, d.headers) AS headers, c.target AS "runTarget", c.claimed_at AS "claimedAt"
      FROM next n CROSS JOIN claimed c
      JOIN dead_letters l ON l.id = n.letter_id
      JOIN LATERAL (SELECT * FROM dead_letter_deaths WHERE letter_id = l.id ORDER BY id DESC LIMIT 1) d ON true
      LEFT JOIN dead_letter_edits e ON e.id = n.edit_id
     ORDER BY n.position`);

/**
 * Writes what became of each, moves the letters of those that were not sent, and closes the audit's intent with its outcome.
 * IS NOT DISTINCT FROM, because with `=` the planner, who remembers a time when no letter was replaying, goes through
 * all that are for each row: 40 times slower.
 */
async function mark(tx: Tx, runId: string, claimedAt: Date, departures: readonly Departure[]): Promise<void> {
  await tx.rows(sql`
    WITH told AS (
           SELECT * FROM unnest(${departures.map((d) => d.replayId)}::uuid[], ${departures.map((d) => d.status)}::text[],
                                ${departures.map((d) => d.detail)}::text[], ${departures.map((d) => JSON.stringify(d.target))}::text[])
             AS t(replay_id, status, detail, target)),
         marked AS (
           UPDATE replays r
              SET status = t.status, detail = t.detail, target = t.target::jsonb, claimed_at = ${claimedAt}, sent_at = CASE WHEN t.status = 'skipped' THEN NULL ELSE clock_timestamp() END,
                  settled_at = CASE WHEN t.status = 'sent' THEN NULL ELSE clock_timestamp() END
             FROM told t WHERE r.id = t.replay_id AND r.status = 'waiting'
           RETURNING r.id, r.letter_id, r.letter_status, r.status, r.detail, r.target),
         moved AS (
           UPDATE dead_letters l
              SET replays = l.replays - (m.status = 'skipped')::int,
                  status = CASE m.status WHEN 'unknown' THEN 'redirected' WHEN 'uncertain' THEN 'uncertain' ELSE m.letter_status END,
                  version = l.version + 1,
                  settled_at = CASE WHEN m.status = 'unknown' THEN now() ELSE l.settled_at END
             FROM marked m WHERE l.id = m.letter_id AND m.status <> 'sent' AND l.status IS NOT DISTINCT FROM 'replaying')
    INSERT INTO audit_entries (operation_id, actor, role, action, stage, subject, after)
    SELECT r.operation_id, r.accepted_by, 'run', 'dead-letters:' || r.kind, 'outcome', 'letter:' || m.letter_id,
           jsonb_build_object('replayId', m.id, 'run', r.id, 'status', m.status, 'target', m.target, 'detail', m.detail)
      FROM marked m JOIN replay_runs r ON r.id = ${runId}::uuid`);
}

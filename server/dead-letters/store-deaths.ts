import { letterIdOf } from "#contracts/letter-ids";
import { db, inTransaction, type Tx } from "#server/platform/db";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import { tellLetterNews } from "./letter-news.ts";
import { MAX_REPLAYS } from "./max-replays.ts";
import { numberCopies } from "./number-copies.ts";
import type { NewDeath } from "./read-letter.ts";

/** Bytes of keys and bodies in one transaction, at most; what is longer goes alone. */
export const BATCH_BYTES = 8 * 1_048_576;
const BATCH_DEATHS = 500;

/**
 * Stores deaths: each with its letter and group, once, however often it is delivered. Replays that ended in a death are
 * settled. When it returns, all of it is committed; after an error some of it may be, and all of it can be given again.
 * @returns how many were new.
 */
export async function storeDeaths(deaths: readonly NewDeath[]): Promise<number> {
  let stored = 0;
  for (const batch of batches(deaths)) {
    const given = batch.map((death) => ({ ...death }));
    // Whoever gives it again, because of an error, gives one that may be stored.
    for (const death of batch) if (death.unnamed) death.unnamed = "again";
    stored += await inTransaction((tx) => storeBatch(tx, given));
  }
  if (stored > 0)
    tellLetterNews(db, { groupIds: [...new Set(deaths.map(({ group }) => group.id))], runIds: [] }).catch(
      (error: Error) => log().warn({ error: error.message }, "new dead letters were not announced"),
    );
  return stored;
}

/** Runs of deaths in their order, each small enough for one transaction. */
export function* batches(deaths: readonly NewDeath[]): Generator<NewDeath[]> {
  let batch: NewDeath[] = [];
  let bytes = 0;
  for (const death of deaths) {
    const more = (death.body?.length ?? 0) + (death.key?.length ?? 0);
    if (batch.length > 0 && (bytes + more > BATCH_BYTES || batch.length === BATCH_DEATHS)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(death);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

type PlacedDeath = NewDeath & { letterId: string };

async function storeBatch(tx: Tx, batch: readonly NewDeath[]): Promise<number> {
  const named = await numberCopies(
    tx,
    batch.filter((death) => !isNamedByReplay(death)),
  );
  const placed = [
    ...named.map((death) => ({ ...death, letterId: letterIdOf(death.identity) })),
    ...(await placeByReplay(tx, batch.filter(isNamedByReplay))),
  ];
  // The newest death of a letter is the last that was stored.
  const inOrder = placed.sort((a, b) => a.failedAt.getTime() - b.failedAt.getTime());
  const distinct = [...new Map(inOrder.map((death) => [death.digest.toString("hex"), death])).values()];
  return distinct.length === 0 ? 0 : insertDeaths(tx, distinct);
}

/** A message without an id that an operator replayed: the replay knows which letter it is. */
const isNamedByReplay = ({ messageId, replayId }: NewDeath) => messageId === null && replayId !== null;

async function placeByReplay(tx: Tx, deaths: readonly NewDeath[]): Promise<PlacedDeath[]> {
  if (deaths.length === 0) return [];
  const letters = await tx.rows<{ replayId: string; letterId: string; identity: string }>(sql`
    SELECT r.id AS "replayId", l.id AS "letterId", l.identity FROM replays r JOIN dead_letters l ON l.id = r.letter_id
     WHERE r.id = ANY (${deaths.map(({ replayId }) => replayId)}::uuid[])`);
  const byReplay = new Map(letters.map(({ replayId, ...letter }) => [replayId, letter]));
  return deaths.map((death) => ({
    ...death,
    ...(byReplay.get(death.replayId!) ?? { letterId: letterIdOf(death.identity) }),
  }));
}

/**
 * One statement. The insert of deaths decides what is new, and all else follows from what it gives back; foreign keys
 * are looked at when the statement ends. Locks are taken in the order replays, letters as everywhere.
 */
async function insertDeaths(tx: Tx, deaths: readonly PlacedDeath[]): Promise<number> {
  const [first] = deaths;
  const bytes = deaths.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
  // On a slow disk a large body takes longer than other statements may, and would be tried for ever.
  if (bytes > BATCH_BYTES) await tx.rows(sql`SET LOCAL statement_timeout = '120s'`);
  // Alone a body travels as bytes; in a list each byte would be two characters.
  const alone = deaths.length === 1 ? first!.body : null;
  const bodies = alone ? [null] : deaths.map(({ body }) => body);
  const [counts] = await tx.rows<{ stored: number }>(sql`
    WITH told AS MATERIALIZED (
           SELECT d.*, b.key, coalesce(b.body, ${alone}::bytea) AS body, decode(d."digestHex", 'hex') AS digest
             FROM jsonb_to_recordset(${JSON.stringify(deaths.map(toRow))}::jsonb)
               AS d(n int, "digestHex" text, "letterId" uuid, identity text, "groupId" uuid, fingerprint text, "groupConsumer" text,
                    "groupType" text, "errorShape" text, frame text, broker text, source text, consumer text, "messageId" uuid,
                    "messageType" text, "messageVersion" int, "orderId" uuid, seq int, "endpointId" uuid, "errorClass" text,
                    "errorMessage" text, "errorStack" text, headers jsonb, "headerText" text, properties jsonb, origin jsonb,
                    topic text, partition int, "offset" bigint, bytes int, worker text, "workerVersion" text, attempts int,
                    "firstFailedAt" timestamptz, "failedAt" timestamptz, "replayId" uuid)
             JOIN unnest(${deaths.map(({ key }) => key)}::bytea[], ${bodies}::bytea[]) WITH ORDINALITY AS b(key, body, n) ON b.n = d.n),
         fresh AS (
           INSERT INTO dead_letter_deaths (letter_id, digest, key, body, headers, properties, origin, dead_letter_topic, dead_letter_partition,
                  dead_letter_offset, error_class, error_message, error_stack, worker, worker_version, attempts, first_failed_at, failed_at, replay_id)
           SELECT "letterId", digest, key, body, headers, properties, origin, topic, partition, "offset", "errorClass", "errorMessage",
                  "errorStack", worker, "workerVersion", attempts, "firstFailedAt", "failedAt", "replayId"
             FROM told ORDER BY n
           ON CONFLICT (digest) DO NOTHING
           RETURNING digest),
         died AS MATERIALIZED (
           SELECT n, "letterId", identity, "groupId", fingerprint, "groupConsumer", "groupType", "errorShape", frame, broker, source, consumer,
                  "messageId", "messageType", "messageVersion", "orderId", seq, "endpointId", "errorClass", "errorMessage", "headerText", bytes,
                  "workerVersion", attempts, "failedAt", "replayId"
             FROM told JOIN fresh USING (digest)),
         answered AS (
           SELECT "replayId" AS id, "errorClass" FROM died WHERE "replayId" IS NOT NULL
           UNION
           SELECT r.id, d."errorClass" FROM died d JOIN replays r ON r.letter_id = d."letterId"
            WHERE d."replayId" IS NULL AND r.status IN ('waiting', 'sent')
              AND d."failedAt" >= coalesce(r.claimed_at, (SELECT claimed_at FROM replay_runs WHERE id = r.run_id AND claimed_through >= r.position))
                                  - interval '1 second'),
         outstanding AS (
           SELECT id, letter_id, status FROM replays
            WHERE id IN (SELECT id FROM answered) AND status IN ('waiting', 'sent', 'uncertain', 'unknown')
            ORDER BY id FOR UPDATE),
         settled AS (
           UPDATE replays r SET status = 'failed_again', settled_at = now(), sent_at = coalesce(r.sent_at, r.claimed_at, now()),
                  detail = 'It died again: ' || (SELECT max(a."errorClass") FROM answered a WHERE a.id = r.id)
             FROM outstanding o WHERE r.id = o.id
           RETURNING r.letter_id, o.status IN ('waiting', 'sent') AS "wasLast"),
         groups AS (
           INSERT INTO dead_letter_groups AS g (id, fingerprint, consumer, message_type, error_class, error_shape, frame, deaths, first_seen_at,
                  last_seen_at, first_seen_version)
           SELECT "groupId", fingerprint, min("groupConsumer"), min("groupType"), min("errorClass"), min("errorShape"), min(frame), count(*),
                  min("failedAt"), max("failedAt"), (array_agg("workerVersion" ORDER BY n))[1]
             FROM died GROUP BY "groupId", fingerprint ORDER BY "groupId"
           ON CONFLICT (id) DO UPDATE
              SET deaths = g.deaths + excluded.deaths, first_seen_at = least(g.first_seen_at, excluded.first_seen_at),
                  last_seen_at = greatest(g.last_seen_at, excluded.last_seen_at),
                  status = CASE g.status WHEN 'resolved' THEN 'open' ELSE g.status END,
                  status_changed_at = CASE g.status WHEN 'resolved' THEN now() ELSE g.status_changed_at END),
         newest AS (
           SELECT DISTINCT ON (d."letterId") d.*, count(*) OVER letter AS times, min("failedAt") OVER letter AS "firstDiedAt",
                  CASE WHEN d."letterId" IN (SELECT letter_id FROM settled) THEN now() END AS "answeredAt"
             FROM died d
           WINDOW letter AS (PARTITION BY d."letterId") ORDER BY d."letterId", n DESC),
         letters AS (
           -- What a known letter takes from here in settled_at is that a replay was answered. Of a letter under way it must be
           -- the one under way: the death of an earlier copy, given up long ago, leaves it to the newer replay.
           INSERT INTO dead_letters AS l (id, identity, group_id, broker, source, consumer, message_id, message_type, message_version, order_id,
                  seq, endpoint_id, error_class, error_message, header_text, bytes, attempts, deaths, worker_version, first_died_at, died_at,
                  settled_at)
           SELECT "letterId", identity, "groupId", broker, source, consumer, "messageId", "messageType", "messageVersion", "orderId", seq,
                  "endpointId", "errorClass", "errorMessage", "headerText", bytes, attempts, times, "workerVersion", "firstDiedAt", "failedAt",
                  "answeredAt"
             FROM newest ORDER BY "letterId"
           ON CONFLICT (id) DO UPDATE
              SET status = CASE
                    WHEN l.status = 'replaying' AND excluded.id NOT IN (SELECT letter_id FROM settled WHERE "wasLast") THEN l.status
                    WHEN excluded.settled_at IS NULL AND excluded.died_at < l.settled_at THEN l.status
                    WHEN l.replays >= ${MAX_REPLAYS} THEN 'quarantined'
                    ELSE 'dead' END,
                  settled_at = CASE WHEN excluded.settled_at IS NULL AND excluded.died_at < l.settled_at THEN l.settled_at END,
                  archived_at = NULL, version = l.version + 1, deaths = l.deaths + excluded.deaths,
                  group_id = excluded.group_id, source = excluded.source, message_type = excluded.message_type,
                  message_version = excluded.message_version, order_id = coalesce(excluded.order_id, l.order_id), seq = excluded.seq,
                  endpoint_id = excluded.endpoint_id, error_class = excluded.error_class, error_message = excluded.error_message,
                  header_text = excluded.header_text, bytes = excluded.bytes, attempts = excluded.attempts,
                  worker_version = excluded.worker_version, first_died_at = least(l.first_died_at, excluded.first_died_at),
                  died_at = greatest(l.died_at, excluded.died_at)),
         -- Redirected to another worker, it died there under that worker's name: the letter it came from waits again.
         elsewhere AS (
           UPDATE dead_letters l SET status = CASE WHEN l.replays >= ${MAX_REPLAYS} THEN 'quarantined' ELSE 'dead' END, settled_at = NULL,
                  version = l.version + 1
             FROM settled s
            WHERE l.id = s.letter_id AND (l.status IN ('uncertain', 'redirected') OR (l.status = 'replaying' AND s."wasLast"))
              AND NOT EXISTS (SELECT 1 FROM newest n WHERE n."letterId" = l.id))
    SELECT count(*) AS stored FROM died`);
  return counts!.stored;
}

/** All but the bytes, as JSON. */
function toRow(death: PlacedDeath, index: number): Record<string, unknown> {
  const { key: _, body, digest, group, position, unnamed: __, ...row } = death;
  return {
    ...row,
    n: index + 1,
    digestHex: digest.toString("hex"),
    groupId: group.id,
    fingerprint: group.fingerprint,
    groupConsumer: group.consumer,
    groupType: group.messageType,
    errorShape: group.errorShape,
    frame: group.frame,
    bytes: body?.length ?? 0,
    ...position,
  };
}

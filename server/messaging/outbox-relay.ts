import pg from "pg";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { log } from "#server/platform/log";
import { sql } from "#server/platform/sql";
import type { KafkaPort } from "./kafka.ts";
import { sentMarks, toKafkaMessages } from "./kafka-message.ts";
import { markSent, type OutboxRow } from "./outbox.ts";
import { OUTBOX_CHANNEL } from "./wake-relay.ts";

/** Rows per request to Kafka. */
const BATCH = 500;
/** The safety net under lost wake-ups. */
const POLL_MS = 200;
/** How soon another process takes over from a relay that died, at the latest. */
const STANDBY_MS = 1_000;
/** Any number that nobody else locks: "outbox relay". */
const RELAY_LOCK = 7_042_001;

/**
 * Sends what was committed and not yet sent. One relay per database (advisory lock of its session), because two could
 * overtake each other within an order. It asks for unsent rows, never for rows "after the last one seen": ids are given
 * out before the commit, so a late commit would be skipped.
 *
 * At least once: a row is marked after Kafka has confirmed it, so a crash between the two sends it again.
 */
export function startOutboxRelay(kafka: Pick<KafkaPort, "send">): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = keepRelaying(kafka, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function keepRelaying(kafka: Pick<KafkaPort, "send">, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const session = new pg.Client({ connectionString: env().DATABASE_URL, application_name: "outbox-relay" });
    const bell = new Bell(stopping);
    session.on("notification", () => bell.ring());
    session.on("error", (error) => {
      log().warn({ error: error.message }, "the relay lost its session");
      bell.break();
    });
    try {
      await session.connect();
      await relayWhileLeader(session, kafka, bell, stopping);
    } catch (error) {
      log().warn({ error: (error as Error).message }, "the relay pauses");
      await bell.wait(STANDBY_MS);
    } finally {
      await session.end().catch(() => {});
    }
  }
}

async function relayWhileLeader(session: pg.Client, kafka: Pick<KafkaPort, "send">, bell: Bell, stopping: AbortSignal) {
  while (!stopping.aborted) {
    const { rows } = await session.query("SELECT pg_try_advisory_lock($1) AS leads", [RELAY_LOCK]);
    if (rows[0].leads) break;
    await bell.wait(STANDBY_MS);
  }
  await session.query(`LISTEN ${OUTBOX_CHANNEL}`);
  while (!stopping.aborted && !bell.isBroken) {
    const sent = await relayOnce(kafka);
    if (sent < BATCH) await bell.wait(POLL_MS);
  }
}

/** Sends one batch, oldest first; rows of one order never overtake each other. @returns rows sent. */
export async function relayOnce(kafka: Pick<KafkaPort, "send">): Promise<number> {
  const rows = await db.rows<OutboxRow>(sql`
    SELECT id AS "rowId", event_id AS "eventId", topic, key, seq, type, version, source,
           correlation_id AS "correlationId", causation_id AS "causationId",
           to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "occurredAt", data
      FROM outbox o
     WHERE sent_at IS NULL AND relay_after <= now()
       AND NOT EXISTS (SELECT 1 FROM outbox earlier
                        WHERE earlier.key = o.key AND earlier.topic = o.topic AND earlier.seq < o.seq
                          AND earlier.sent_at IS NULL AND earlier.relay_after > now())
     ORDER BY id
     LIMIT ${BATCH}`);
  if (rows.length === 0) return 0;
  const messages = rows.map((row) => toKafkaMessages(row));
  const positions = await kafka.send(messages.flat());
  await markSent(db, sentMarks(rows, messages, positions));
  return rows.length;
}

/** Something to wait at: until it rings, breaks, the time is over or the relay stops. */
class Bell {
  isBroken = false;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(stopping: AbortSignal) {
    stopping.addEventListener("abort", () => this.ring());
  }

  /** A ring while nobody waits is not lost: the next wait returns at once. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  break(): void {
    this.isBroken = true;
    this.ring();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}

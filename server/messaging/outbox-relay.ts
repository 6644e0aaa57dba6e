import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { KafkaMessage } from "./broker.ts";
import type { KafkaPort } from "./kafka.ts";
import { sentMarks, toKafkaMessages } from "./kafka-message.ts";
import { leading } from "./leading.ts";
import { markSent, type OutboxRow } from "./outbox.ts";
import { OUTBOX_CHANNEL } from "./wake-relay.ts";

/** Rows per request to Kafka. */
const BATCH = 500;
/** Bytes of messages per request, or one row: a broker takes 1 MiB a partition, and all may be for one. */
const BATCH_BYTES = 900_000;
/** The safety net under lost wake-ups. */
const POLL_MS = 200;
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
  return leading(
    RELAY_LOCK,
    "outbox relay",
    async (stopping) => {
      while (!stopping.aborted) {
        const sent = await relayOnce(kafka);
        if (sent < BATCH) await stopping.pause(POLL_MS);
      }
    },
    OUTBOX_CHANNEL,
  );
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
  const messages = fitting(rows.map((row) => toKafkaMessages(row)));
  const positions = await kafka.send(messages.flat());
  await markSent(db, sentMarks(rows.slice(0, messages.length), messages, positions));
  return messages.length;
}

/** As many of the first rows' messages as fit into one request, and at least one row's. */
function fitting(messages: KafkaMessage[][]): KafkaMessage[][] {
  let bytes = 0;
  const end = messages.findIndex((ofRow, index) => {
    for (const { value } of ofRow) bytes += value?.length ?? 0;
    return bytes > BATCH_BYTES && index > 0;
  });
  return end < 0 ? messages : messages.slice(0, end);
}

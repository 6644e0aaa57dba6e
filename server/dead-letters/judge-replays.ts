import type { VerdictOf } from "#contracts/api/dead-letters";
import type { MessageContract, Received } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import { type MailKind, mailKindLabels } from "#contracts/vocabulary";
import { decode } from "#server/messaging/decode";
import { brief, type WorkerDefinition } from "#server/messaging/worker";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { cleanText } from "./clean-text.ts";
import { decideVerdict, type LetterFacts } from "./decide-verdict.ts";

/** Letters judged per round trip. */
const BATCH = 1_000;
/** A longer body is refused by every worker, unread, bytes. */
const PARSED_BYTES = 1_048_576;
/** Bodies held in memory at a time, bytes. */
const BODIES_BYTES = 16 * PARSED_BYTES;
const FAULT_CHARACTERS = 300;

/** What a replay of each letter would do, judged from the database. Letters that are gone are left out. Nothing is changed. */
export async function judge(db: Db, letterIds: readonly string[]): Promise<Map<string, VerdictOf>> {
  const verdicts = new Map<string, VerdictOf>();
  for (let start = 0; start < letterIds.length; start += BATCH) {
    const letters = await readFacts(db, letterIds.slice(start, start + BATCH));
    const messages = await readMessages(db, letters);
    const effects = await findEffects(db, letters, messages);
    for (const letter of letters) {
      const { message, fault } = messages.get(letter.id)!;
      const about = message ? aboutOf(message) : letter.messageType;
      const effect = effects.get(letter.id) ?? letter.document;
      verdicts.set(letter.id, decideVerdict({ ...letter, about, effect, payloadFault: fault }));
    }
  }
  return verdicts;
}

type JudgedLetter = Omit<LetterFacts, "about" | "payloadFault" | "effect"> & {
  id: string;
  messageType: string | null;
  orderId: string | null;
  bytes: number;
  document: LetterFacts["effect"];
};

/** Workers for whom each event stands alone, or who look at the order itself: a later one takes nothing from an earlier one. */
const standingAlone = ["dispatch-tasks", "order-saga", "keep-audit", "record-analytics"];

async function readFacts(db: Db, ids: readonly string[]): Promise<JudgedLetter[]> {
  type Row = Omit<JudgedLetter, "order" | "payment" | "document"> & {
    order: { status: never; cancelReason: string | null };
    endedAt: Date | null;
    payment: { status: never; amountCents: number; currency: string };
    settledAt: Date | null;
    documentKind: string | null;
    documentAt: Date | null;
  };
  const rows = await db.rows<Row>(sql`
    SELECT l.id, l.consumer, l.message_type AS "messageType", l.order_id AS "orderId", l.seq, l.bytes, i.processed_at AS "processedAt",
           CASE WHEN o.id IS NOT NULL THEN jsonb_build_object('status', o.status, 'cancelReason', s.cancel_reason) END AS "order",
           s.ended_at AS "endedAt",
           CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('status', p.status, 'amountCents', p.amount_cents, 'currency', p.currency) END AS payment,
           p.settled_at AS "settledAt", r.settled_at AS "refundedAt", d.kind AS "documentKind", d.created_at AS "documentAt",
           CASE WHEN l.consumer = 'project-orders' THEN v.last_seq ELSE newer.seq END AS "appliedSeq"
      FROM unnest(${ids}::uuid[]) AS asked(id)
      JOIN dead_letters l ON l.id = asked.id
      LEFT JOIN inbox i ON i.consumer = l.consumer AND i.message_id = l.message_id
      LEFT JOIN orders o ON o.id = l.order_id
      LEFT JOIN order_sagas s ON s.order_id = o.id
      LEFT JOIN order_views v ON v.order_id = o.id
      LEFT JOIN payments p ON p.order_id = o.id
      LEFT JOIN refunds r ON r.key = 'refund:' || p.id || ':1' AND r.settled_at IS NOT NULL
      LEFT JOIN documents d ON d.order_id = o.id AND d.content IS NOT NULL
                           AND d.kind = CASE l.consumer WHEN 'render-invoice' THEN 'invoice' WHEN 'render-label' THEN 'label' END
      LEFT JOIN LATERAL (
        SELECT max(e.seq) AS seq FROM outbox e JOIN inbox done ON done.message_id = e.event_id AND done.consumer = l.consumer
         WHERE l.seq > 0 AND l.consumer <> ALL(${[...standingAlone, "project-orders"]}::text[])
           AND e.key = l.order_id::text AND e.topic = 'order.events' AND e.seq > l.seq) newer ON true`);
  return rows.map(({ order, endedAt, payment, settledAt, documentKind, documentAt, ...row }) => ({
    ...row,
    order: order && { ...order, endedAt },
    payment: payment && { ...payment, settledAt },
    document:
      documentKind && documentAt ? { what: `The ${documentKind} of this order was made`, at: documentAt } : null,
  }));
}

type ReadMessage = { message: Received<MessageContract> | null; fault: string | null };

/** Reads as every worker of ours does, so that what is judged valid here is read there. */
const reader: WorkerDefinition = {
  ...{ name: "judge-replays", on: [...contractsByType.values()], emits: [], retry: brief },
  catchesUnreadable: true,
};

/** The letters' messages as their workers would read them, from the bytes of the latest death. */
async function readMessages(db: Db, letters: readonly JudgedLetter[]): Promise<Map<string, ReadMessage>> {
  const messages = new Map<string, ReadMessage>();
  for (const { id, bytes } of letters) {
    const fault = `${bytes.toLocaleString("en")} bytes are more than the ${PARSED_BYTES.toLocaleString("en")} allowed`;
    messages.set(id, { message: null, fault: bytes > PARSED_BYTES ? fault : "its bytes are gone" });
  }
  for (const some of sharesOf(letters.filter(({ bytes }) => bytes <= PARSED_BYTES))) {
    const rows = await db.rows<{ id: string; body: Buffer | null }>(sql`
      SELECT asked.id, d.body FROM unnest(${some.map(({ id }) => id)}::uuid[]) AS asked(id)
        JOIN LATERAL (SELECT body FROM dead_letter_deaths WHERE letter_id = asked.id ORDER BY id DESC LIMIT 1) d ON true`);
    for (const { id, body } of rows) messages.set(id, readMessage(body));
  }
  return messages;
}

function readMessage(body: Buffer | null): ReadMessage {
  const decoded = decode(reader, { key: null, value: body, headers: [] });
  if (decoded.outcome === "message") return { message: decoded.message, fault: null };
  const fault = decoded.outcome === "poison" ? decoded.error.message : "nobody reads this type";
  return { message: null, fault: cleanText(fault, FAULT_CHARACTERS) };
}

/** Parts of a list whose bodies fit into memory together. */
function sharesOf(letters: readonly JudgedLetter[]): JudgedLetter[][] {
  const shares: JudgedLetter[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const letter of letters) {
    bytes += letter.bytes;
    if (bytes > BODIES_BYTES) {
      shares.push([]);
      bytes = letter.bytes;
    }
    shares.at(-1)!.push(letter);
  }
  return shares;
}

type Told = { kind?: string; factType?: string; factId?: string; endpointId?: string };

/** What a message is about: a mail's kind, a webhook's fact, else its own type. */
function aboutOf({ type, data }: Received<MessageContract>): string {
  const { kind, factType } = data as Told;
  return (type === "email.send" && kind) || (type === "webhook.deliver" && factType) || type;
}

/** Effects on the outside world that were noted under another message: mails sent and webhooks delivered. */
async function findEffects(
  db: Db,
  letters: readonly JudgedLetter[],
  messages: ReadonlyMap<string, ReadMessage>,
): Promise<Map<string, NonNullable<LetterFacts["effect"]>>> {
  const asked = letters.flatMap(({ id }) => {
    const message = messages.get(id)?.message;
    if (message?.type !== "email.send" && message?.type !== "webhook.deliver") return [];
    const { kind = null, factId = null, endpointId = null } = message.data as Told;
    return [{ id, orderId: message.orderId, kind, factId, endpointId }];
  });
  if (asked.length === 0) return new Map();
  const rows = await db.rows<{ id: string; kind: MailKind | null; httpStatus: number | null; at: Date }>(sql`
    SELECT a.id, m.kind, w.http_status AS "httpStatus", coalesce(m.sent_at, w.delivered_at) AS at
      FROM unnest(${asked.map((a) => a.id)}::uuid[], ${asked.map((a) => a.orderId)}::uuid[], ${asked.map((a) => a.kind)}::text[],
                  ${asked.map((a) => a.endpointId)}::uuid[], ${asked.map((a) => a.factId)}::uuid[]) AS a(id, order_id, kind, endpoint_id, fact_id)
      LEFT JOIN mails m ON m.order_id = a.order_id AND m.kind = a.kind
      LEFT JOIN webhook_deliveries w ON w.endpoint_id = a.endpoint_id AND w.fact_id = a.fact_id
     WHERE m.order_id IS NOT NULL OR w.fact_id IS NOT NULL`);
  return new Map(
    rows.map(({ id, kind, httpStatus, at }) => [
      id,
      {
        what: kind ? `The mail “${mailKindLabels[kind]}” was sent` : `The partner took this fact with ${httpStatus}`,
        at,
      },
    ]),
  );
}

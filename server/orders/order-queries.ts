import type { OrderDetail, OrderList, OrderListQuery, OrderRow } from "#contracts/api/orders";
import { db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Timestamps leave as ISO 8601: pg gives Date objects. */
type Dated<Row, Keys extends keyof Row> = Omit<Row, Keys> & Record<Keys, Date>;
type ViewRow = Dated<OrderRow, "placedAt" | "changedAt">;

const toRow = (row: ViewRow): OrderRow => ({
  ...row,
  placedAt: row.placedAt.toISOString(),
  changedAt: row.changedAt.toISOString(),
});

/** Orders, newest first, by keyset: page 1,000 costs what page 1 costs. @throws Problem 400 for a cursor that is none of ours. */
export async function listOrders({ status, search, cursor, limit }: OrderListQuery): Promise<OrderList> {
  const after = readCursor(cursor);
  const id = search && uuid.test(search) ? search : null;
  const number = search && /^\d{1,15}$/.test(search) ? Number(search) : null;
  const name = search && id === null && number === null ? `${search.replaceAll(/[\\%_]/g, "\\$&")}%` : null;
  const rows = await db.rows<ViewRow>(sql`
    SELECT order_id AS "orderId", number, status, customer_name AS "customerName", country, category, payment_method AS "paymentMethod",
           total_cents AS "totalCents", currency, is_test AS "isTest", last_type AS "lastType", last_seq AS "lastSeq", placed_at AS "placedAt", changed_at AS "changedAt"
      FROM order_views
     WHERE (${status ?? null}::text IS NULL OR status = ${status ?? null})
       AND (${id}::uuid IS NULL OR order_id = ${id}::uuid)
       AND (${number}::bigint IS NULL OR order_id = (SELECT id FROM orders WHERE number = ${number}::bigint))
       AND (${name}::text IS NULL OR customer_name ILIKE ${name})
       AND (${after?.placedAt ?? null}::timestamptz IS NULL OR (placed_at, order_id) < (${after?.placedAt ?? null}::timestamptz, ${after?.orderId ?? null}::uuid))
     ORDER BY placed_at DESC, order_id DESC LIMIT ${limit}`);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    orders: rows.map(toRow),
    nextCursor: last ? Buffer.from(`${last.placedAt.toISOString()} ${last.orderId}`).toString("base64url") : null,
  };
}

function readCursor(cursor: string | undefined): { placedAt: string; orderId: string } | null {
  if (!cursor) return null;
  const [placedAt = "", orderId = ""] = Buffer.from(cursor, "base64url").toString().split(" ");
  if (!isoTime.test(placedAt) || Number.isNaN(Date.parse(placedAt)) || !uuid.test(orderId))
    throw new Problem(400, "cursor_not_valid", "This cursor is not from an earlier page.");
  return { placedAt, orderId };
}

/** The rows of some orders, for live updates. Orders without a view are left out. */
export async function listOrdersById(ids: readonly string[]): Promise<OrderRow[]> {
  const rows = await db.rows<ViewRow>(sql`
    SELECT order_id AS "orderId", number, status, customer_name AS "customerName", country, category, payment_method AS "paymentMethod",
           total_cents AS "totalCents", currency, is_test AS "isTest", last_type AS "lastType", last_seq AS "lastSeq", placed_at AS "placedAt", changed_at AS "changedAt"
      FROM order_views WHERE order_id = ANY(${ids}::uuid[])`);
  return rows.map(toRow);
}

/** Everything one page tells of one order. Reads the order itself where the projection has not seen it yet. @throws Problem 404. */
export async function getOrderDetail(orderId: string): Promise<OrderDetail> {
  const [row] = uuid.test(orderId) ? await readDetail(orderId) : [];
  if (!row) throw new Problem(404, "order_not_found", "There is no order with this id.");
  const { placedAt, changedAt, ...order } = row.order;
  return { ...row, order: { ...order, placedAt: iso(placedAt), changedAt: iso(changedAt) } };
}

const iso = (text: string) => new Date(text).toISOString();

const SHOWN_LETTERS = 100;
const SHOWN_ERROR = 300;

/** One round trip: the order page is asked for at every change of the order. Times are made ISO 8601 in SQL. */
const readDetail = (orderId: string): Promise<OrderDetail[]> =>
  db.rows<OrderDetail>(sql`
    WITH history AS (SELECT * FROM outbox WHERE key = ${orderId} AND topic = 'order.events' ORDER BY seq)
    SELECT jsonb_build_object('orderId', o.id, 'number', o.number, 'status', o.status, 'customerName', c.name, 'country', o.country,
             'category', o.category, 'paymentMethod', o.payment_method, 'totalCents', o.total_cents, 'currency', o.currency, 'isTest', o.is_test,
             'lastType', (SELECT type FROM history ORDER BY seq DESC LIMIT 1), 'lastSeq', o.last_seq, 'placedAt', o.placed_at,
             'changedAt', (SELECT max(occurred_at) FROM history)) AS "order",
           o.shipping_address AS "shippingAddress", o.express,
           (SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceCents', unit_price_cents) ORDER BY line_number)
              FROM order_lines WHERE order_id = o.id) AS lines,
           (SELECT jsonb_agg(jsonb_build_object('eventId', event_id, 'seq', seq, 'type', type, 'source', source, 'data', data - 'order' - 'paymentToken',
                     'occurredAt', to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                     'sentAt', to_char(sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                     'kafkaPartition', kafka_partition, 'kafkaOffset', kafka_offset) ORDER BY seq) FROM history) AS events,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'subject', subject,
                     'sentAt', to_char(sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY sent_at), '[]') FROM mails WHERE order_id = o.id) AS mails,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'number', number,
                     'createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY kind), '[]')
              FROM documents WHERE order_id = o.id AND content IS NOT NULL) AS documents,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('partner', e.partner, 'factType', d.fact_type, 'httpStatus', d.http_status,
                     'deliveredAt', to_char(d.delivered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY d.delivered_at), '[]')
              FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE d.order_id = o.id) AS webhooks,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'status', status, 'messageType', message_type, 'where', coalesce(consumer, source),
                     'errorClass', error_class, 'errorMessage', left(error_message, ${SHOWN_ERROR}),
                     'diedAt', to_char(died_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY died_at DESC, id DESC), '[]')
              FROM (SELECT * FROM dead_letters WHERE order_id = o.id ORDER BY died_at DESC, id DESC LIMIT ${SHOWN_LETTERS}) AS l) AS letters,
           (SELECT to_char(stuck_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM order_sagas WHERE order_id = o.id) AS "stuckSince",
           (SELECT coalesce(jsonb_agg(jsonb_build_object('consumer', consumer, 'attempts', attempts, 'lastError', last_error,
                     'dueAt', to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY due_at), '[]')
              FROM reminders WHERE message_id = ANY(SELECT event_id FROM history)) AS waiting
      FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = ${orderId}::uuid`);

/** A document's bytes. @throws Problem 404 when it was not made (yet). */
export async function getDocument(orderId: string, kind: string): Promise<{ content: Buffer; number: number }> {
  const [row] = uuid.test(orderId)
    ? await db.rows<{ content: Buffer; number: number }>(sql`
        SELECT content, number FROM documents WHERE order_id = ${orderId}::uuid AND kind = ${kind} AND content IS NOT NULL`)
    : [];
  if (!row) throw new Problem(404, "document_not_found", "This document was not made yet.");
  return row;
}

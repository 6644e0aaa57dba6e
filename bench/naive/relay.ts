import { database, kafka, TOPIC } from "./stage.ts";

/* Select one, send one, mark one. */
const pool = database();
const producer = kafka.producer({ idempotent: true });
await producer.connect();
for (;;) {
  const { rows } = await pool.query("SELECT * FROM naive.outbox WHERE NOT sent ORDER BY id LIMIT 1");
  const row = rows[0];
  if (!row) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    continue;
  }
  const fact = { id: `placed-${row.order_id}`, type: row.type, orderId: row.order_id, data: row.data };
  await producer.send({ topic: TOPIC, messages: [{ key: row.order_id, value: JSON.stringify(fact) }] });
  await pool.query("UPDATE naive.outbox SET sent = true WHERE id = $1", [row.id]);
}

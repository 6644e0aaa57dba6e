import { Kafka, logLevel } from "kafkajs";
import pg from "pg";

export const TOPIC = "naive.order.events";
export const brokers = (process.env.KAFKA_BROKERS ?? "127.0.0.1:9092").split(",");
export const database = () => new pg.Pool({ connectionString: process.env.DATABASE_URL });
export const kafka = new Kafka({ clientId: "naive", brokers, logLevel: logLevel.NOTHING });

export type Fact = { id: string; type: string; orderId: string; data: Record<string, unknown> };

/** Does one fact's work inside the given transaction; what it returns is said next. */
export type Work = (fact: Fact, client: pg.PoolClient) => Promise<Omit<Fact, "id" | "orderId"> | undefined>;

/** One process, one stage: reads every fact, does its work in a database transaction, answers in a Kafka transaction. */
export async function runStage(group: string, types: readonly string[], work: Work): Promise<void> {
  const pool = database();
  const producer = kafka.producer({ transactionalId: `naive-${group}`, idempotent: true, maxInFlightRequests: 1 });
  const consumer = kafka.consumer({ groupId: `naive-${group}`, readUncommitted: false });
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const fact = JSON.parse(String(message.value)) as Fact;
      const next = types.includes(fact.type) ? await once(pool, group, fact, work) : undefined;
      const offset = String(BigInt(message.offset) + 1n);
      if (!next) return consumer.commitOffsets([{ topic, partition, offset }]);
      const transaction = await producer.transaction();
      try {
        const answer = { ...next, id: `${fact.id}/${next.type}`, orderId: fact.orderId };
        await transaction.send({ topic: TOPIC, messages: [{ key: fact.orderId, value: JSON.stringify(answer) }] });
        await transaction.sendOffsets({
          consumerGroupId: `naive-${group}`,
          topics: [{ topic, partitions: [{ partition, offset }] }],
        });
        await transaction.commit();
      } catch (error) {
        await transaction.abort();
        throw error;
      }
    },
  });
}

async function once(pool: pg.Pool, consumer: string, fact: Fact, work: Work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("INSERT INTO naive.inbox VALUES ($1, $2) ON CONFLICT DO NOTHING", [consumer, fact.id]);
    const next = await work(fact, client);
    await client.query("COMMIT");
    return next;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

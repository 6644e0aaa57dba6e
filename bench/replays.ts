import { randomUUID } from "node:crypto";
import type { StoredHeader } from "#contracts/api/dead-letters";
import { acceptPlan } from "#server/dead-letters/accept-plan";
import { planReplays } from "#server/dead-letters/plan-replays";
import { startReplays } from "#server/dead-letters/run-replays";
import { plantLetters } from "#server/dead-letters/test-letters";
import type { RabbitDelivery } from "#server/messaging/broker";
import { microBatch } from "#server/messaging/micro-batch";
import { createRabbit } from "#server/messaging/rabbit";
import { tableOf } from "#server/messaging/stored-headers";
import { act } from "#server/platform/act";
import { closeDatabase, db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import type { Letter } from "./shovel-peer.ts";

const viewer = { userId: "bench", name: "Bench", email: "bench@example.test", role: "admin" };
const QUEUE = "label";

/** Our way, whole: a run without a rate, each message through the broker, its outcome from the inbox, two audit lines each. */
export async function replayStage(url: string) {
  const rabbit = createRabbit({ url, name: "bench replays" });
  await rabbit.declareTopology();
  const enter = microBatch<RabbitDelivery, null>({
    maxItems: 500,
    maxConcurrent: 2,
    async run(deliveries) {
      await db.rows(sql`
        INSERT INTO inbox (consumer, message_id) SELECT 'render-label', id FROM unnest(${deliveries.map(({ messageId }) => messageId)}::uuid[]) AS m(id)
        ON CONFLICT DO NOTHING`);
      return deliveries.map(() => null);
    },
  });
  const worker = await rabbit.consume({ name: QUEUE, prefetch: 1_000 }, (delivery) => {
    void enter(delivery).then(() => delivery.ack());
  });
  const sender = startReplays({
    rabbit,
    kafka: { send: async () => [] },
    readers: new Map([[QUEUE, "render-label"]]),
  });

  return {
    /** @returns letters whose success is known, a second, and the letters. */
    async run(count: number): Promise<{ rate: number; letters: Letter[] }> {
      const ids = await plantLetters(count, () => ({ source: QUEUE, consumer: "render-label" }));
      const selection = { letterIds: ids };
      const { planId } = await asked((operation) => planReplays(operation, { selection, ratePerSecond: 500 }));
      const startedAt = performance.now();
      const { runId } = await asked((operation) =>
        acceptPlan(operation, {
          planId,
          name: "bench",
          ratePerSecond: null,
          steps: [],
          stopAbovePercent: null,
          holdMs: 0,
          force: true,
          reason: "bench",
          overrideQuarantine: false,
        }),
      );
      while (!(await isCompleted(runId))) await new Promise((go) => setTimeout(go, 20));
      const rate = count / ((performance.now() - startedAt) / 1_000);
      return { rate, letters: await readLetters(ids) };
    },
    async stop() {
      await Promise.all([sender.stop(), worker.stop()]);
      await rabbit.close();
      await closeDatabase();
    },
  };
}

const asked = <Reply>(change: Parameters<typeof act<Reply>>[1]) =>
  act(
    { viewer, body: null, request: new Request("http://bench", { headers: { "idempotency-key": randomUUID() } }) },
    change,
  );

/** Asked by a key, because a look at the run's page, fifty times a second, would be part of what is measured. */
async function isCompleted(runId: string): Promise<boolean> {
  const [run] = await db.rows<{ status: string }>(sql`SELECT status FROM replay_runs WHERE id = ${runId}::uuid`);
  return run?.status === "completed";
}

/** The same messages for the peer. */
async function readLetters(ids: readonly string[]): Promise<Letter[]> {
  const rows = await db.rows<{ id: string; body: Buffer; headers: StoredHeader[] }>(sql`
    SELECT l.message_id AS id, d.body, d.headers FROM dead_letters l JOIN dead_letter_deaths d ON d.letter_id = l.id
     WHERE l.id = ANY(${[...ids]}::uuid[])`);
  return rows.map(({ id, body, headers }) => ({ id, body, headers: tableOf(headers) }));
}

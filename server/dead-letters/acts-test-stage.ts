import type { ReplayTarget, RunRequest } from "#contracts/api/replays";
import type { RabbitMessage } from "#server/messaging/broker";
import { act, type Operation } from "#server/platform/act";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { acceptPlan } from "./accept-plan.ts";
import { planReplays } from "./plan-replays.ts";
import type { Senders } from "./send-replays.ts";

const lead = { userId: "u1", name: "Lea", email: "lead@example.test", role: "lead" };

/** An act of a lead, in its transaction. */
export const asLead = <Reply>(change: (operation: Operation) => Promise<Reply>): Promise<Reply> =>
  act({ viewer: lead, request: new Request("http://x/acts", { method: "POST" }), body: null }, change);

/** A RabbitMQ and a Kafka that keep what they get. */
export function keepingBrokers() {
  const sent: RabbitMessage[] = [];
  const topics: string[] = [];
  const senders: Senders = {
    rabbit: {
      publish: async (messages) => {
        sent.push(...messages);
        return messages.map(() => null);
      },
    },
    kafka: {
      send: async (messages) => {
        topics.push(...messages.map(({ topic }) => topic));
        return messages.map(() => null);
      },
    },
    readers: new Map([
      ["email", "send-email"],
      ["label", "render-label"],
    ]),
  };
  return { sent, topics, senders };
}

/** A plan of these letters, to where they came from unless told otherwise. */
export const plan = (letterIds: readonly string[], target?: ReplayTarget) =>
  asLead((operation) =>
    planReplays(operation, { selection: { letterIds: [...letterIds] }, ratePerSecond: 50, ...(target && { target }) }),
  );

/** Accepts a plan, without a hold unless told otherwise. */
export const accept = (planId: string, wish: Partial<RunRequest> = {}) =>
  asLead((operation) =>
    acceptPlan(operation, {
      planId,
      name: "test",
      ratePerSecond: null,
      steps: [],
      stopAbovePercent: null,
      holdMs: 0,
      force: false,
      overrideQuarantine: false,
      ...wish,
    }),
  );

/** Plans and accepts in one go. */
export async function replay(letterIds: readonly string[], wish: Partial<RunRequest> = {}, target?: ReplayTarget) {
  const { planId } = await plan(letterIds, target);
  return accept(planId, wish);
}

/** What the collector does when a replayed letter comes back. */
export const diesAgain = (letterId: string) =>
  db.rows(sql`
    WITH failed AS (UPDATE replays SET status = 'failed_again', settled_at = now() WHERE letter_id = ${letterId}::uuid AND status = 'sent'),
         again AS (UPDATE dead_letters SET status = 'dead', version = version + 1, deaths = deaths + 1 WHERE id = ${letterId}::uuid)
    INSERT INTO dead_letter_deaths (letter_id, digest, key, body, headers, properties, origin, error_class, error_message, error_stack, attempts, first_failed_at, failed_at)
    SELECT letter_id, sha256(clock_timestamp()::text::bytea), key, body, headers, properties, origin, error_class, error_message, error_stack, attempts, now(), now()
      FROM dead_letter_deaths WHERE letter_id = ${letterId}::uuid ORDER BY id DESC LIMIT 1`);

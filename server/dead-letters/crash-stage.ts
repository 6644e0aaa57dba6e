import { createKafka } from "#server/messaging/kafka";
import { createRabbit } from "#server/messaging/rabbit";
import { act } from "#server/platform/act";
import { closeDatabase } from "#server/platform/db";
import { env } from "#server/platform/env";
import { planReplays } from "./plan-replays.ts";
import { startReplays } from "./run-replays.ts";
import { startEdit } from "./start-edit.ts";
import { startRun } from "./start-run.ts";

/*
 * A process for the crash tests to lose: does one act or sends replays, with real services, and dies at CRASH_AT.
 * `node crash-stage.ts send | act <key> <letter id …> | edit <key> <letter id> <version> <body>`
 */

const viewer = { userId: "u1", name: "Lea", email: "lead@example.test", role: "lead" };
const [mode, key = "", ...rest] = process.argv.slice(2);
/** Each act of a process has a key of its own: an operator's browser makes one per click. */
const asked = <Body>(body: Body, part = "") => ({
  viewer,
  body,
  request: new Request("http://x/acts", { method: "POST", headers: { "idempotency-key": key + part } }),
});

if (mode === "send") {
  const { KAFKA_BROKERS, RABBITMQ_URL, TOPIC_PREFIX } = env();
  const rabbit = createRabbit({ url: RABBITMQ_URL, name: "crash stage" });
  const kafka = createKafka({ brokers: KAFKA_BROKERS, clientId: "crash-stage", prefix: TOPIC_PREFIX, onFatal() {} });
  startReplays({ rabbit, kafka, readers: new Map([["email", "send-email"]]) });
} else {
  const done = mode === "edit" ? await edit(rest[0]!, Number(rest[1]), rest[2]!) : await planAndAccept(rest);
  process.send?.(done);
  await closeDatabase();
  process.disconnect?.();
}

async function planAndAccept(letterIds: string[]) {
  const request = { selection: { letterIds }, ratePerSecond: 50 };
  const { planId } = await act(asked(request, "-plan"), (operation) => planReplays(operation, request));
  const { runId } = await startRun(
    asked({
      planId,
      name: "after the crash",
      ratePerSecond: null,
      steps: [],
      stopAbovePercent: null,
      holdMs: 0,
      force: true,
      reason: "crash test",
      overrideQuarantine: false,
    }),
  );
  return { runId };
}

function edit(letterId: string, letterVersion: number, body: string) {
  return startEdit(asked({ letterVersion, body, headers: [], reason: "crash test", force: true }), letterId);
}

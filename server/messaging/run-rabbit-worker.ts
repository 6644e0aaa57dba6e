import type { QueueFamily } from "#contracts/topology";
import { db } from "#server/platform/db";
import { log } from "#server/platform/log";
import type { RabbitDelivery } from "./broker.ts";
import { decode, headerText, Undecodable } from "./decode.ts";
import { failureOf } from "./failure.ts";
import { type Delivery, prepare, type ReachedWork, reach, record } from "./handle.ts";
import { findProcessed } from "./inbox.ts";
import { microBatch } from "./micro-batch.ts";
import type { RabbitPort } from "./rabbit.ts";
import { untilDatabaseAnswers } from "./until-database-answers.ts";
import { Hopeless, type WorkerDefinition } from "./worker.ts";

/** Messages recorded in one transaction. */
const RECORDED_AT_ONCE = 100;

/** Nobody waits for a worker that only writes down: several of its messages share a transaction, ms. */
const RECORDER_LINGER_MS = 50;

/** The queue family that a worker reads. */
export function familyOf(worker: WorkerDefinition): QueueFamily | undefined {
  if (worker.from) return worker.from;
  const command = worker.on.find((contract) => contract.kind === "command");
  return command?.kind === "command" ? command.queue : undefined;
}

/**
 * Reads a queue family for one worker. Each message is reached on its own, so that a slow partner holds up nobody;
 * what was reached at the same time is recorded in one transaction, then acknowledged one by one.
 */
export function runRabbitWorker(worker: WorkerDefinition, rabbit: RabbitPort) {
  const family = familyOf(worker);
  if (!family) throw new Error(`${worker.name} has no queue`);

  const recordBatched = microBatch<ReachedWork, Error | null>({
    lingerMs: worker.reach ? 0 : RECORDER_LINGER_MS,
    maxItems: RECORDED_AT_ONCE,
    maxConcurrent: 2,
    async run(works) {
      const distinct = [...new Map(works.map((work) => [work.delivery.message.id, work])).values()];
      const { failed } = await record(worker, distinct, [], { relayAfterMs: 0 });
      const errors = new Map(failed.map(({ delivery, error }) => [delivery.message.id, error]));
      return works.map(({ delivery }) => errors.get(delivery.message.id) ?? null);
    },
  });
  const prepareBatched = microBatch<Delivery, ReachedWork | Error>({
    maxItems: RECORDED_AT_ONCE,
    maxConcurrent: 2,
    async run(deliveries) {
      const distinct = [...new Map(deliveries.map((one) => [one.message.id, one])).values()];
      const { works, failed } = await prepare(worker, distinct);
      const byId = new Map<string, ReachedWork | Error>(works.map((work) => [work.delivery.message.id, work]));
      for (const { delivery, error } of failed) byId.set(delivery.message.id, error);
      return deliveries.map(({ message }) => byId.get(message.id)!);
    },
  });
  const isProcessed = microBatch<string, boolean>({
    maxItems: 500,
    maxConcurrent: 2,
    async run(ids) {
      const processed = await findProcessed(db, worker.name, ids);
      return ids.map((id) => processed.has(id));
    },
  });

  const attempt = async (delivery: Delivery): Promise<Error | null> => {
    if (worker.reach && (await isProcessed(delivery.message.id))) return null;
    const prepared = worker.prepare
      ? await prepareBatched(delivery)
      : { delivery, prepared: undefined, reached: undefined };
    if (prepared instanceof Error) return prepared;
    const { works, failed } = await reach(worker, [prepared]);
    return failed[0]?.error ?? recordBatched(works[0]!);
  };

  return rabbit.consume(family, async (rabbitDelivery) => {
    try {
      await handleDelivery(worker, rabbit, rabbitDelivery, attempt);
    } catch (error) {
      // Neither acknowledged nor failed: RabbitMQ delivers it again when the channel closes.
      log().error({ worker: worker.name, error: (error as Error).message }, "a delivery was left unsettled");
    }
  });
}

async function handleDelivery(
  worker: WorkerDefinition,
  rabbit: RabbitPort,
  rabbitDelivery: RabbitDelivery,
  attempt: (delivery: Delivery) => Promise<Error | null>,
): Promise<void> {
  const error = await tryOnce(worker, rabbitDelivery, attempt);
  if (!error) return rabbitDelivery.ack();
  const failure = failureOf(error, { worker: worker.name, attempts: rabbitDelivery.attempts + 1 });
  const hopeless = error instanceof Hopeless || error instanceof Undecodable;
  const outcome = await rabbit.fail(rabbitDelivery, failure, { hopeless });
  log()[outcome === "dead" ? "error" : "warn"](
    { worker: worker.name, messageId: rabbitDelivery.messageId, error: error.message },
    { dead: "dead letter", retry: "will be tried again", dropped: "dropped on purpose" }[outcome],
  );
}

/** What went wrong this time; null = the message is done. */
async function tryOnce(
  worker: WorkerDefinition,
  { raw, attempts }: RabbitDelivery,
  attempt: (delivery: Delivery) => Promise<Error | null>,
): Promise<Error | null> {
  const decoded = decode({ ...worker, catchesUnreadable: true }, raw);
  switch (decoded.outcome) {
    case "message":
      return untilDatabaseAnswers(() => attempt({ message: decoded.message, raw, attempts })).catch(
        (fault: Error) => fault,
      );
    case "poison":
      return decoded.error;
    case "skip":
      // Nobody else reads this queue: acknowledged, it would be gone without a trace.
      return new Undecodable(`${worker.name} does not handle ${headerText(raw, "event-type") ?? "what this is"}`);
  }
}

import type { z } from "zod";
import type { OffsetReset, OffsetResetReply } from "#contracts/api/operations";
import type { OffsetMove, OffsetPlan, OffsetTarget } from "#server/messaging/kafka-offsets";
import { askKafka } from "#server/messaging/kafka-reads-port";
import type { Operation } from "#server/platform/act";
import { writeAudit } from "#server/platform/audit";
import { db } from "#server/platform/db";
import { Problem } from "#server/platform/problem";

type Reset = z.infer<typeof OffsetReset>;
type Reply = z.infer<typeof OffsetResetReply>;

const ACTION = "workers:reset-offsets";

/** What a reset would do. Changes nothing. @throws Problem 404, 409 */
export async function planReset(group: string, reset: Reset): Promise<Reply> {
  return { isDone: false, partitions: shown(await plan(group, reset)) };
}

/**
 * Moves a stopped group, once its name was typed by hand. The intent stands in the audit before Kafka is asked, the
 * outcome after; Kafka itself refuses when somebody joins in between, and nothing is moved then.
 * @throws Problem 404, 409, 422
 */
export async function resetOffsets(operation: Operation, group: string, reset: Reset): Promise<Reply> {
  if (reset.typedGroup !== group)
    throw new Problem(422, "typed_group_differs", "What was typed is not the name of this group.");
  const moves = await plan(group, reset);
  const partitions = shown(moves);
  const { actor, id: operationId } = operation;
  const note = { operationId, actor, action: ACTION, subject: `group:${group}`, reason: reset.reason };
  const before = Object.fromEntries(partitions.map(({ partition, from }) => [partition, from]));
  const after = Object.fromEntries(partitions.map(({ partition, to }) => [partition, to]));
  await writeAudit(db, [
    { ...note, stage: "intent", before: { topic: reset.topic, before }, after: { to: reset.to, after } },
  ]);
  try {
    await askKafka((kafka) => kafka.moveOffsets(group, reset.topic, moves));
  } catch (error) {
    const { message } = error as Error;
    await writeAudit(db, [{ ...note, stage: "outcome", after: { isDone: false, why: message } }]);
    throw error instanceof Problem ? error : new Problem(409, "offsets_not_moved", `${message}.`);
  }
  await writeAudit(operation.tx, [{ ...note, stage: "outcome", after: { isDone: true } }]);
  return { isDone: true, partitions };
}

async function plan(group: string, { topic, to }: Reset): Promise<OffsetMove[]> {
  const { state, moves }: OffsetPlan = await askKafka((kafka) => kafka.planOffsets(group, topic, targetOf(to)));
  if (moves === null || moves.length === 0)
    throw new Problem(404, "no_such_topic", `Kafka has no such topic or partition: ${topic}.`);
  if (state === "Dead") throw new Problem(404, "no_such_group", `Kafka has no group ${group}.`);
  if (state !== "Empty")
    throw new Problem(409, "group_not_stopped", `The group is ${state}: stop everybody who reads for it first.`);
  return moves;
}

function targetOf(to: Reset["to"]): OffsetTarget {
  if (to.kind === "time") return { kind: "time", atMs: Date.parse(to.at) };
  if (to.kind === "offset") return { kind: "offset", partition: to.partition, offset: BigInt(to.offset) };
  return to;
}

/** `records` read again are counted, and skipped ones as well. */
const shown = (moves: readonly OffsetMove[]): Reply["partitions"] =>
  moves.map(({ partition, from, to }) => ({
    partition,
    from: from === null ? null : String(from),
    to: String(to),
    records: Math.abs(Number(to - (from ?? to))),
  }));

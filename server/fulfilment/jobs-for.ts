import type { MessageContract, Received } from "#contracts/message";
import { type Job, type JobsFor, queueReaders } from "#contracts/process-map";
import { queues } from "#contracts/topology";
import { askId } from "#server/messaging/publish-asks";
import type { Ask } from "#server/messaging/worker";
import { tasksFor } from "./tasks-for.ts";

/** What a fact asks for, as jobs with the ids under which they are done. What may be lost on purpose is no job. Pure. */
export const jobsFor: JobsFor = (fact, endpoints): Job[] =>
  tasksFor(fact as Received<MessageContract>, endpoints).map((ask) => toJob(ask, fact.id));

function toJob(ask: Ask, factId: string): Job {
  const { command, about } = ask;
  const reader = queueReaders.find((one) =>
    command === "fact" ? one.queue === queues.audit.name : one.command === command.type,
  );
  if (!reader) throw new Error(`nobody reads ${command === "fact" ? "facts" : command.type}`);
  return { worker: reader.worker, queue: reader.queue, messageId: askId(ask, factId), about: about ?? null };
}

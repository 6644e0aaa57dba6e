import { letterIdFor } from "#contracts/letter-ids";
import type { Job, JobsFor } from "#contracts/process-map";
import { deadLetterQueueName, delayQueues, queues, retryQueueName, topics } from "#contracts/topology";
import type { RabbitPort } from "#server/messaging/rabbit";
import { scaledMs } from "#server/messaging/topology-plan";
import { purgedOf } from "#server/platform/audit";
import { db } from "#server/platform/db";
import { env } from "#server/platform/env";
import { sql } from "#server/platform/sql";
import type { Suspect } from "./findings.ts";

/** Facts read at once, and in one look at most. */
const SLICE = 2_000;
const SLICES = 10;
/** What may wait to be looked at again; above that no new facts are read. */
const CARRIED = 20_000;
/** How far back a new leader begins, rows of the outbox. */
const BACK = 20_000;
/** A job asked for so much later than another of its kind, and done, has overtaken it in its queue. */
const OVERTAKEN_MS = 20_000;

type Fact = {
  rowId: number;
  id: string;
  orderId: string;
  type: string;
  occurredAt: string;
  data: unknown;
  /** When its jobs were asked for; null = not yet. */
  askedAt: Date | null;
};
type OpenJob = Job & { factId: string; factType: string; orderId: string; askedMs: number };
/** `sinceMs`: active at least since then, as far as is known. Unix ms. */
type Endpoint = { id: string; factTypes: string[]; sinceMs: number };

/** Messages of a queue family: those in line, and those aside in retry, delay and dead-letter queues. */
export type FamilyDepth = { inLine: number; aside: number };

/**
 * Follows the facts in the order in which they were written and keeps the jobs that were asked for and are neither done
 * nor dead nor purged. Such a job is suspect once it can't be in its queue any more: the family is empty, or nothing is aside and
 * jobs of its kind that were asked for later are done. What can't be known (RabbitMQ away) is not suspect.
 */
export function jobWatch({ jobsFor, depthOf, olderThanMs }: JobWatchOptions): { look(): Promise<Suspect[]> } {
  let readTo: number | null = null;
  const unasked = new Map<string, Fact>();
  const open = new Map<string, OpenJob>();
  /** `worker/kind` → when the newest done job was asked for, unix ms. */
  const newestDone = new Map<string, number>();
  const endpointsNow = endpointWatch();

  const readOn = async (endpoints: readonly Endpoint[]) => {
    readTo ??= await firstRow();
    for (let slice = 0; slice < SLICES && unasked.size + open.size < CARRIED; slice += 1) {
      const facts = await readFacts(readTo, olderThanMs);
      for (const fact of facts) unasked.set(fact.id, fact);
      readTo = facts.at(-1)?.rowId ?? readTo;
      await ask(facts, endpoints);
      if (facts.length < SLICE) return;
    }
  };
  const ask = async (facts: readonly Fact[], endpoints: readonly Endpoint[]) => {
    const asked = facts.filter(({ askedAt }) => askedAt !== null);
    const jobs = asked.flatMap((fact) => expected(fact, endpoints, jobsFor));
    for (const { id } of asked) unasked.delete(id);
    for (const job of jobs) open.set(keyOf(job), job);
    await forgetDone(jobs);
  };
  const forgetDone = async (jobs: readonly OpenJob[]) => {
    for (const { key, isDone } of await readSettled(jobs)) {
      const job = open.get(key);
      if (job && isDone) newestDone.set(kindOf(job), Math.max(job.askedMs, newestDone.get(kindOf(job)) ?? 0));
      open.delete(key);
    }
  };

  return {
    async look() {
      const endpoints = await endpointsNow();
      for (const id of await deadAtTheBridge([...unasked.keys()])) unasked.delete(id);
      const carried = await askedSince([...unasked.keys()]);
      for (const [id, askedAt] of carried) unasked.get(id)!.askedAt = askedAt;
      await ask(
        [...carried.keys()].map((id) => unasked.get(id)!),
        endpoints,
      );
      await forgetDone([...open.values()]);
      await readOn(endpoints);
      const due = [...open.values()].filter(({ askedMs }) => askedMs < Date.now() - olderThanMs);
      const depths = new Map<string, FamilyDepth | null>();
      for (const queue of new Set(due.map((job) => job.queue)))
        depths.set(queue, await depthOf(queue).catch(() => null));
      const lost = due.filter((job) => isLost(job, depths.get(job.queue) ?? null, newestDone));
      const purged = await purgedOf(db, lost.map(letterOf));
      for (const job of lost) if (purged.has(letterOf(job))) open.delete(keyOf(job));
      return lost.filter((job) => open.has(keyOf(job))).map(toSuspect);
    },
  };
}

export type JobWatchOptions = {
  jobsFor: JobsFor;
  /** @throws where RabbitMQ does not answer. */
  depthOf(queue: string): Promise<FamilyDepth | null>;
  olderThanMs: number;
};

const keyOf = ({ worker, messageId }: Job) => `${worker}/${messageId}`;
/** The dead letter that the job would have become. */
const letterOf = ({ worker, messageId }: Job) => letterIdFor(worker, messageId);
const kindOf = ({ worker, about }: Job) => `${worker}/${worker === "deliver-webhook" ? "" : about}`;

/** Pure. Jobs of one kind have one priority, so none of them overtakes another in line. */
export function isLost(
  job: Pick<OpenJob, "worker" | "messageId" | "queue" | "about" | "askedMs">,
  depth: FamilyDepth | null,
  newestDone: ReadonlyMap<string, number>,
): boolean {
  if (!depth || depth.aside > 0) return false;
  return depth.inLine === 0 || (newestDone.get(kindOf(job)) ?? 0) > job.askedMs + OVERTAKEN_MS;
}

function toSuspect({ worker, messageId, factId, factType, orderId, about, queue, askedMs }: OpenJob): Suspect {
  const what = about && worker !== "deliver-webhook" ? ` (${about})` : "";
  return {
    kind: "job_lost",
    orderId,
    subject: `${worker}/${messageId}/${factId}`,
    detail: `${worker}${what} was asked for by ${factType} ${new Date(askedMs).toISOString().slice(0, 19).replace("T", " ")} UTC; it is neither done, nor dead, nor in queue ${queue}.`,
  };
}

/** Only endpoints that were active when the fact was written: for one that came or came back later nobody asked. */
const expected = (fact: Fact, endpoints: readonly Endpoint[], jobsFor: JobsFor): OpenJob[] =>
  jobsFor(
    fact,
    endpoints.filter(({ sinceMs }) => sinceMs < Date.parse(fact.occurredAt)),
  ).map((job) => ({
    ...job,
    factId: fact.id,
    factType: fact.type,
    orderId: fact.orderId,
    askedMs: fact.askedAt!.getTime(),
  }));

/** The active endpoints. One that was seen inactive counts from when it was seen active again. */
function endpointWatch(): () => Promise<Endpoint[]> {
  let since: Map<string, number> | null = null;
  return async () => {
    const rows = await db.rows<{ id: string; factTypes: string[]; createdAt: Date }>(sql`
      SELECT id, fact_types AS "factTypes", created_at AS "createdAt" FROM webhook_endpoints WHERE is_active`);
    const before = since;
    since = new Map(
      rows.map(({ id, createdAt }) => [id, before ? (before.get(id) ?? Date.now()) : createdAt.getTime()]),
    );
    return rows.map(({ id, factTypes }) => ({ id, factTypes, sinceMs: since!.get(id)! }));
  };
}

async function firstRow(): Promise<number> {
  const [row] = await db.rows<{ id: number }>(sql`SELECT coalesce(max(id), 0) - ${BACK} AS id FROM outbox`);
  return row!.id;
}

/** The next facts, up to the first that is too young to be judged: what is written later has a higher id. */
async function readFacts(after: number, olderThanMs: number): Promise<Fact[]> {
  const rows = await db.rows<Omit<Fact, "occurredAt"> & { occurredAt: Date; isDue: boolean }>(sql`
    SELECT o.id AS "rowId", o.event_id AS id, o.key AS "orderId", o.type, o.occurred_at AS "occurredAt",
           jsonb_build_object('order', o.data -> 'order') AS data, i.processed_at AS "askedAt",
           o.occurred_at < now() - ${olderThanMs} * interval '1 millisecond' AS "isDue"
      FROM (SELECT * FROM outbox WHERE id > ${after} AND topic = ${topics.orderEvents.name} ORDER BY id LIMIT ${SLICE}) o
      LEFT JOIN inbox i ON i.consumer = 'dispatch-tasks' AND i.message_id = o.event_id
     ORDER BY o.id`);
  const young = rows.findIndex(({ isDue }) => !isDue);
  return rows
    .slice(0, young < 0 ? rows.length : young)
    .map((row) => ({ ...row, occurredAt: row.occurredAt.toISOString() }));
}

/** Facts that died in `dispatch-tasks`: nobody asked for their jobs, and a dead letter says so. */
async function deadAtTheBridge(factIds: readonly string[]): Promise<string[]> {
  if (factIds.length === 0) return [];
  const rows = await db.rows<{ id: string }>(sql`
    SELECT message_id AS id FROM dead_letters WHERE consumer = 'dispatch-tasks' AND message_id = ANY(${factIds}::uuid[])`);
  return rows.map(({ id }) => id);
}

async function askedSince(factIds: readonly string[]): Promise<Map<string, Date>> {
  if (factIds.length === 0) return new Map();
  const rows = await db.rows<{ id: string; askedAt: Date }>(sql`
    SELECT message_id AS id, processed_at AS "askedAt" FROM inbox WHERE consumer = 'dispatch-tasks' AND message_id = ANY(${factIds}::uuid[])`);
  return new Map(rows.map(({ id, askedAt }) => [id, askedAt]));
}

const readSettled = async (jobs: readonly OpenJob[]): Promise<{ key: string; isDone: boolean }[]> =>
  jobs.length === 0
    ? []
    : db.rows(sql`
        WITH asked AS (SELECT * FROM unnest(${jobs.map(({ worker }) => worker)}::text[], ${jobs.map(({ messageId }) => messageId)}::uuid[]) AS a(consumer, message_id))
        SELECT a.consumer || '/' || a.message_id AS key, i.message_id IS NOT NULL AS "isDone"
          FROM asked a LEFT JOIN inbox i USING (consumer, message_id)
         WHERE i.message_id IS NOT NULL OR EXISTS (SELECT 1 FROM dead_letters l WHERE l.message_id = a.message_id AND l.consumer = a.consumer)`);

/** Asks RabbitMQ how many messages a family holds, in line and aside. */
export const depthAt =
  (rabbit: Pick<RabbitPort, "depth">) =>
  async (queue: string): Promise<FamilyDepth | null> => {
    const family = Object.values(queues).find(({ name }) => name === queue);
    if (!family) return null;
    const { TIME_SCALE } = env();
    const ready = async (name: string) => (await rabbit.depth(name))?.ready ?? 0;
    const aside = [
      ...family.retryDelaysMs.map((delayMs) => retryQueueName(family, scaledMs(delayMs, TIME_SCALE))),
      ...Object.values(delayQueues).flatMap(({ name, to }) => (to.name === queue ? [name] : [])),
      deadLetterQueueName(family),
    ];
    let count = 0;
    for (const name of aside) count += await ready(name);
    return { inLine: await ready(queue), aside: count };
  };

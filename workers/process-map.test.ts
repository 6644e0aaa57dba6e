import { expect, test } from "vitest";
import { events } from "#contracts/messages/index";
import { eventReaders, groupReaders, isPausable, nextWorkerAfter, queueReaders } from "#contracts/process-map";
import { topics } from "#contracts/topology";
import { COLLECTOR } from "#server/dead-letters/collect-dead-letters";
import { familyOf } from "#server/messaging/run-rabbit-worker";
import { workers } from "#workers";

const typesOf = (worker: (typeof workers)[number]) =>
  worker.on.filter(({ kind }) => kind === "event").map(({ type }) => type);

test("the process map names every reader of events with what it reads and how often it tries", () => {
  const real = workers
    .filter((worker) => !familyOf(worker))
    .map((worker) => ({
      worker: worker.name,
      attempts: worker.retry.delaysMs.length + 1,
      types: worker.on === (events as unknown) ? "every" : typesOf(worker),
    }));
  expect(eventReaders).toEqual(real);
});

test("the process map names every reader of a queue with its command and how often it tries", () => {
  const real = workers.flatMap((worker) => {
    const family = familyOf(worker);
    if (!family) return [];
    const command = worker.on.find(({ kind }) => kind === "command")?.type ?? null;
    return [{ worker: worker.name, attempts: family.retryDelaysMs.length + 1, queue: family.name, command }];
  });
  expect(queueReaders).toEqual(real);
});

test("the process map names the collector beside the workers, and nobody can pause it", () => {
  expect(groupReaders.slice(eventReaders.length)).toEqual([{ worker: COLLECTOR, topic: topics.deadLetters.name }]);
  expect(isPausable(COLLECTOR)).toBe(false);
  expect(workers.map(({ name }) => name).every(isPausable)).toBe(true);
});

test("whoever is next after an event reads that event", () => {
  for (const { type } of events) {
    const next = nextWorkerAfter(type);
    const reader = eventReaders.find(({ worker }) => worker === next);
    if (next) expect(reader?.types).toContain(type);
  }
});

import type { Consumer } from "kafkajs";
import { log } from "#server/platform/log";

export type Markers = {
  /** Resolves when no commit of markers is under way, so that none can overtake a later one. */
  settled(): Promise<void>;
  stop(): void;
};

const COMMIT_EVERY_MS = 500;

/**
 * A fetch that holds nothing but control records or aborted messages reaches no handler, so nobody would commit it and
 * the group would seem to lag behind for ever on a topic of transactions.
 */
export function commitMarkers(consumer: Consumer): Markers {
  const passed = new Map<string, { topic: string; partition: number; offset: string }>();
  let underWay: Promise<void> = Promise.resolve();
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
    const key = `${topic}/${partition}`;
    if (batchSize === 0) passed.set(key, { topic, partition, offset: String(BigInt(lastOffset) + 1n) });
    else passed.delete(key);
  });
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload: { topic, partition } }) =>
    passed.delete(`${topic}/${partition}`),
  );
  // Another member may own it by now and stand further on.
  consumer.on(consumer.events.REBALANCING, () => passed.clear());
  consumer.on(consumer.events.GROUP_JOIN, () => passed.clear());
  const timer = setInterval(() => {
    if (passed.size === 0) return;
    const offsets = [...passed.values()];
    passed.clear();
    underWay = consumer
      .commitOffsets(offsets)
      .catch((error: Error) => log().debug({ error: error.message }, "markers were not committed"));
  }, COMMIT_EVERY_MS).unref();
  return { settled: () => underWay, stop: () => clearInterval(timer) };
}

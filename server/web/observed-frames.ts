import { Consumers, PipelineMap, Queues } from "#contracts/api/operations";
import { showConsumers } from "#server/pipeline/consumers";
import { showMap } from "#server/pipeline/map";
import { WATCHED_CHANNEL } from "#server/pipeline/observe-channels";
import { showQueues } from "#server/pipeline/queues";
import { readObserved } from "#server/pipeline/read-observed";
import { db } from "#server/platform/db";
import { sql } from "#server/platform/sql";
import { workersHere } from "./workers-state.ts";

/** The observer takes nobody for looking who has not said so for 12 s. */
const WATCH_MS = 5_000;
const FRAME_MS = 1_000;

/** One reading shown three ways: the same for every viewer. */
type Views = { consumers: Consumers; queues: Queues; map: PipelineMap };

export const observedChannels = ["consumers", "queues", "map"] as const;

/** What was observed, read once for all viewers. */
async function readViews(): Promise<Views> {
  const observed = await readObserved();
  const [consumers, queues] = [showConsumers(observed), showQueues(observed)];
  return {
    consumers: Consumers.parse(consumers),
    queues: Queues.parse(queues),
    map: PipelineMap.parse(showMap(observed, consumers, queues, workersHere())),
  };
}

/**
 * Sends frames when something new was observed, or the workers of this process ended or came back, at most once a second;
 * and at least every 10 s, so that a silent observer is noticed. Tells the observer that somebody looks.
 */
export function observedFrames(options: {
  hasViewers(): boolean;
  send(views: Views): void;
  onError(error: Error): void;
}) {
  const { hasViewers, send, onError } = options;
  let isNew = false;
  let isReading = false;
  let sentMs = 0;
  let saidMs = 0;
  let wereDead = false;
  let latest: { atMs: number; views: Promise<Views> } | null = null;

  /** Many who come at once share one reading. */
  const read = (): Promise<Views> => {
    const views = readViews();
    latest = { atMs: Date.now(), views };
    return views;
  };

  const turn = async () => {
    if (!hasViewers() || isReading) return;
    isReading = true;
    try {
      const now = Date.now();
      if (now - saidMs >= WATCH_MS) {
        saidMs = now;
        await db.rows(sql`SELECT pg_notify(${WATCHED_CHANNEL}, '')`);
      }
      const { areDead } = workersHere();
      if (!isNew && areDead === wereDead && now - sentMs < 10_000) return;
      [isNew, wereDead, sentMs] = [false, areDead, now];
      send(await read());
    } catch (error) {
      onError(error as Error);
    } finally {
      isReading = false;
    }
  };
  const timer = setInterval(() => void turn(), FRAME_MS);
  return {
    /** Something new was stored. */
    onObserved() {
      isNew = true;
    },
    /** What a new viewer sees first. */
    current: (): Promise<Views> => (latest && Date.now() - latest.atMs < FRAME_MS ? latest.views : read()),
    stop: () => clearInterval(timer),
  };
}

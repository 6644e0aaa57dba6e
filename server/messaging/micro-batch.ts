export type MicroBatchOptions<In, Out> = {
  /** Does the work of a batch; one result per item, in their order. With `fallBack` it may see an item twice. */
  run(items: In[]): Promise<Out[]>;
  /** Items per run, at most; an item that is larger than that runs alone. */
  maxItems: number;
  /** What an item counts for; 1 unless said. */
  sizeOf?(item: In): number;
  /** Runs at a time; callers queue behind them. */
  maxConcurrent: number;
  /** A run waits so long for company, ms; unless said it starts at once. For work that nobody waits for. */
  lingerMs?: number;
  /** Callers waiting for a run, at most; unlimited unless said. */
  maxQueued?: number;
  /** The refusal for a caller who finds the queue full, e.g. a Problem 503. */
  tooMany?: () => Error;
  /** A batch that fails (in such a way) is run again one by one, so that a bad item fails alone. Needs a `run` that may be repeated. */
  fallBack?: boolean | ((error: unknown) => boolean);
};

type Waiting<In, Out> = { item: In; resolve(result: Out): void; reject(error: unknown): void };

/**
 * Turns calls that come at the same time into few runs. While fewer than `maxConcurrent` runs are on, a call starts at
 * once, together with those made in the same turn of the event loop; without `lingerMs` it never waits for a fuller batch.
 * Otherwise it queues and leaves with the next run, first come, first served.
 *
 * @returns a function that resolves with the item's own result and rejects with its own error: what `run` threw, or
 *   `tooMany()` when the queue is full.
 */
export function microBatch<In, Out>(options: MicroBatchOptions<In, Out>): (item: In) => Promise<Out> {
  const { maxConcurrent, maxQueued = Number.POSITIVE_INFINITY, lingerMs = 0 } = options;
  const { tooMany = () => new Error(`more than ${maxQueued} calls are waiting`) } = options;
  let queue: Waiting<In, Out>[] = [];
  let running = 0;
  let scheduled = false;

  const schedule = () => {
    if (scheduled || running >= maxConcurrent || queue.length === 0) return;
    scheduled = true;
    if (lingerMs > 0) setTimeout(start, lingerMs);
    else queueMicrotask(start);
  };

  const start = () => {
    scheduled = false;
    while (running < maxConcurrent && queue.length > 0) {
      const batch = queue.slice(0, fitting(options, queue));
      queue = queue.slice(batch.length);
      running += 1;
      void settle(options, batch).then(() => {
        running -= 1;
        schedule();
      });
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      if (queue.length >= maxQueued) return reject(tooMany());
      queue.push({ item, resolve, reject });
      schedule();
    });
}

/** How many of those in front fit into one run; at least one. */
function fitting<In, Out>(
  { maxItems, sizeOf = () => 1 }: MicroBatchOptions<In, Out>,
  queue: Waiting<In, Out>[],
): number {
  let size = 0;
  const end = queue.findIndex(({ item }, index) => {
    size += sizeOf(item);
    return size > maxItems && index > 0;
  });
  return end === -1 ? queue.length : end;
}

/** Runs the batch and answers each of its callers. Never rejects. */
async function settle<In, Out>(options: MicroBatchOptions<In, Out>, batch: Waiting<In, Out>[]): Promise<void> {
  try {
    const results = await options.run(batch.map(({ item }) => item));
    if (results.length !== batch.length) throw new Error(`${batch.length} items gave ${results.length} results`);
    batch.forEach(({ resolve }, at) => void resolve(results[at]!));
  } catch (error) {
    const { fallBack = false } = options;
    const runsAgain = typeof fallBack === "function" ? fallBack(error) : fallBack;
    if (runsAgain && batch.length > 1) for (const one of batch) await settle(options, [one]);
    else for (const { reject } of batch) reject(error);
  }
}

import type { JobsFor } from "#contracts/process-map";
import { leading } from "#server/messaging/leading";
import type { RabbitPort } from "#server/messaging/rabbit";
import { log } from "#server/platform/log";
import { openFindings, resolveFindings, type Suspect } from "./findings.ts";
import { holeSearch, suspectUnsent } from "./suspect-events.ts";
import { depthAt, type FamilyDepth, jobWatch } from "./suspect-jobs.ts";
import { suspectUnshipped } from "./suspect-orders.ts";

/** Its name among the workers. */
export const RECONCILER = "reconcile";

/** A number nobody else locks: "reconciler". */
export const RECONCILER_LOCK = 7_042_004;
export const LOOK_EVERY_MS = 15_000;

/** More than anybody can read; the rest is found by the next look. */
const OPENED_AT_ONCE = 500;

/** After how long something is suspect, ms. Found one look later: within 60 s in all. */
export const patience = { unsentMs: 15_000, jobMs: 30_000, unshippedMs: 30_000 };

type Options = {
  jobsFor: JobsFor;
  depthOf(queue: string): Promise<FamilyDepth | null>;
  patience?: typeof patience;
};

/**
 * Looks for what is missing. Whatever is suspect in two looks in a row is a finding: between them everything that was
 * only on its way has arrived. A finding resolves by itself when what was missing is there.
 */
export function createReconciler({ jobsFor, depthOf, patience: waits = patience }: Options): {
  look(): Promise<{ opened: number; suspects: Suspect[] }>;
} {
  const holes = holeSearch();
  const jobs = jobWatch({ jobsFor, depthOf, olderThanMs: waits.jobMs });
  let before = new Set<string>();
  return {
    async look() {
      const unshipped = await suspectUnshipped(waits.unshippedMs);
      const suspects = [
        ...(await suspectUnsent(waits.unsentMs)),
        ...(await holes.look()),
        ...(await jobs.look()),
        ...unshipped,
      ];
      const twice = suspects.filter((suspect) => before.has(keyOf(suspect)));
      const opened = await openFindings(twice.slice(0, OPENED_AT_ONCE));
      await resolveFindings(unshipped.map(({ subject }) => subject));
      before = new Set(suspects.map(keyOf));
      return { opened, suspects };
    },
  };
}

const keyOf = ({ kind, subject }: Suspect) => `${kind} ${subject}`;

/** Keeps looking, in one process of all. What was read before a look that failed is read again. */
export function startReconciler({ rabbit, jobsFor }: { rabbit: Pick<RabbitPort, "depth">; jobsFor: JobsFor }): {
  stop(): Promise<void>;
} {
  return leading(RECONCILER_LOCK, RECONCILER, async (stopping) => {
    const reconciler = createReconciler({ jobsFor, depthOf: depthAt(rabbit) });
    while (!stopping.aborted) {
      const startedAt = performance.now();
      await reconciler
        .look()
        .catch((error: Error) => log().warn({ error: error.message }, "the reconciler skips a look"));
      await stopping.pause(Math.max(1_000, LOOK_EVERY_MS - (performance.now() - startedAt)));
    }
  });
}

import type { OrderSummary } from "#contracts/message";
import { events } from "#contracts/messages/index";
import { queues } from "#contracts/topology";
import { brief, worker } from "#server/messaging/worker";
import { countFacts } from "#server/pipeline/analytics";

/** Counts what happens, at most once on purpose: a number on a chart is not worth a retry. */
export const recordAnalytics = worker({
  name: "record-analytics",
  on: events,
  from: queues.analytics,
  emits: [],
  retry: brief,

  record: (work, { tx }) =>
    countFacts(
      tx,
      work.map(({ message: { type, occurredAt, data } }) => ({
        type,
        occurredAt,
        order: (data as { order: OrderSummary }).order,
      })),
    ),
});

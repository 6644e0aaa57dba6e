import { events } from "#contracts/messages/index";
import { queues } from "#contracts/topology";
import { routingKeyOf } from "#server/fulfilment/tasks-for";
import { brief, worker } from "#server/messaging/worker";
import { keepFacts } from "#server/pipeline/audit";

/** Keeps a copy of every fact that went over RabbitMQ. */
export const keepAudit = worker({
  name: "keep-audit",
  on: events,
  from: queues.audit,
  emits: [],
  retry: brief,

  record: (work, { tx }) =>
    keepFacts(
      tx,
      work.map(({ message: fact }) => ({ fact, routingKey: routingKeyOf(fact as never) })),
    ),
});

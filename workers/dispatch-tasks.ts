import { deliverWebhookCommand, renderInvoice, renderLabel, sendEmail } from "#contracts/messages/fulfilment";
import { events } from "#contracts/messages/index";
import { tasksFor } from "#server/fulfilment/tasks-for";
import { brief, worker } from "#server/messaging/worker";
import { listActiveEndpoints } from "#server/partners/endpoints";

/** The bridge from Kafka to RabbitMQ: facts ask for tasks. While RabbitMQ is away it waits and loses nothing. */
export const dispatchTasks = worker({
  name: "dispatch-tasks",
  on: events,
  emits: [],
  dispatches: [sendEmail, renderInvoice, renderLabel, deliverWebhookCommand],
  retry: brief,

  async prepare(messages, tx) {
    const endpoints = await listActiveEndpoints(tx);
    return messages.map(() => endpoints);
  },

  dispatch: (message, { prepared: endpoints }) => tasksFor(message, endpoints),
});

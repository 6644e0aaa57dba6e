import { events } from "#contracts/messages/index";
import { brief, worker } from "#server/messaging/worker";
import { asFact, projectOrders } from "#server/orders/project-orders";

/** Keeps the dashboard's view of every order, and looks after what nobody else can read. */
export const projectOrdersWorker = worker({
  name: "project-orders",
  on: events,
  emits: [],
  retry: brief,
  catchesUnreadable: true,

  record: (work, { tx }) =>
    projectOrders(
      tx,
      work.map(({ message }) => asFact(message)),
    ),
});

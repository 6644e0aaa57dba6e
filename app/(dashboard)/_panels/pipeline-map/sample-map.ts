import type { PipelineMap } from "#contracts/api/operations";

const up = { isUp: true, since: null, reason: null };
const worker = (id: string) =>
  ({ id, kind: "worker", label: id, status: "ok", detail: "1 member", href: "/" }) as const;
const way = (from: string, to: string) =>
  ({ from, to, perSecond: 2, waiting: 0, status: "ok", money: [] }) as PipelineMap["edges"][number];

/** For tests: a small pipeline whose workers answer into the topic they read from. */
export const aMap = (change: Partial<PipelineMap> = {}): PipelineMap => ({
  at: "2026-11-21T10:00:00.000Z",
  known: { kafka: up, rabbitmq: up, queueSource: "management" },
  nodes: [
    { id: "checkout", kind: "checkout", label: "Checkout", status: "ok", detail: "2/s", href: "/orders" },
    { id: "outbox", kind: "outbox", label: "Outbox", status: "ok", detail: "nothing waits", href: "/orders" },
    { id: "topic", kind: "topic", label: "order.events", status: "ok", detail: "12 partitions", href: "/topics" },
    worker("charge-payment"),
    worker("create-shipment"),
    { id: "email", kind: "queue", label: "email", status: "busy", detail: "3 ready", href: "/queues" },
  ],
  edges: [
    way("checkout", "outbox"),
    way("outbox", "topic"),
    way("topic", "charge-payment"),
    way("topic", "create-shipment"),
    way("charge-payment", "topic"),
    way("create-shipment", "email"),
  ],
  health: { status: "ok", sentence: "All orders move.", href: null },
  ...change,
});

/** Every status word of the product, once: the same in the database, the API, the log line, the badge and the test name. */

export const orderStatuses = [
  "placed",
  "paid",
  "reserved",
  "shipped",
  "delivered",
  "payment_failed",
  "cancelled",
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** How a status reads and how urgent it looks. */
export const orderStatusLabels: Record<OrderStatus, { label: string; tone: "neutral" | "progress" | "good" | "bad" }> =
  {
    placed: { label: "Placed", tone: "neutral" },
    paid: { label: "Paid", tone: "progress" },
    reserved: { label: "Reserved", tone: "progress" },
    shipped: { label: "Shipped", tone: "good" },
    delivered: { label: "Delivered", tone: "good" },
    payment_failed: { label: "Payment failed", tone: "bad" },
    cancelled: { label: "Cancelled", tone: "bad" },
  };

export const paymentStatuses = ["pending", "captured", "declined", "refunded"] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const paymentStatusLabels: Record<PaymentStatus, string> = {
  pending: "Pending",
  captured: "Captured",
  declined: "Declined",
  refunded: "Refunded",
};

export const shipmentStatuses = ["pending", "created", "refused", "delivered"] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

export const mailKinds = [
  "order_received",
  "order_confirmed",
  "payment_failed",
  "order_shipped",
  "order_cancelled",
  "order_delivered",
] as const;
export type MailKind = (typeof mailKinds)[number];

export const mailKindLabels: Record<MailKind, string> = {
  order_received: "Order received",
  order_confirmed: "Order confirmed",
  payment_failed: "Payment failed",
  order_shipped: "Order shipped",
  order_cancelled: "Order cancelled",
  order_delivered: "Order delivered",
};

export const documentKinds = ["invoice", "label"] as const;
export type DocumentKind = (typeof documentKinds)[number];

export const roles = ["viewer", "operator", "lead", "admin"] as const;
export type Role = (typeof roles)[number];

/** How urgent a status looks. */
export type Tone = "neutral" | "progress" | "good" | "warn" | "bad";
type Labels<Word extends string> = Record<Word, { label: string; tone: Tone }>;

export const deadLetterStatuses = [
  "dead",
  "replaying",
  "succeeded",
  "redirected",
  "uncertain",
  "quarantined",
  "archived",
] as const;
export type DeadLetterStatus = (typeof deadLetterStatuses)[number];
export const deadLetterStatusLabels: Labels<DeadLetterStatus> = {
  dead: { label: "Dead", tone: "bad" },
  replaying: { label: "Replaying", tone: "progress" },
  succeeded: { label: "Succeeded", tone: "good" },
  /** It left for a place whose outcome we can't see. */
  redirected: { label: "Redirected elsewhere", tone: "neutral" },
  uncertain: { label: "Uncertain", tone: "warn" },
  quarantined: { label: "Quarantined", tone: "bad" },
  archived: { label: "Archived", tone: "neutral" },
};
/** Letters that still wait for somebody. */
export const unsettledStatuses = ["dead", "uncertain", "quarantined"] as const satisfies DeadLetterStatus[];
/** Letters whose story is not over. */
export const waitingStatuses = [...unsettledStatuses, "replaying"] as const satisfies DeadLetterStatus[];

export const groupStatuses = ["open", "acknowledged", "resolved", "ignored"] as const;
export type GroupStatus = (typeof groupStatuses)[number];
export const groupStatusLabels: Labels<GroupStatus> = {
  open: { label: "Open", tone: "bad" },
  acknowledged: { label: "Acknowledged", tone: "progress" },
  resolved: { label: "Resolved", tone: "good" },
  ignored: { label: "Ignored", tone: "neutral" },
};

/** What the database says of a replay before anything is sent. */
export const verdicts = [
  "safe",
  "already_done",
  "order_ended",
  "superseded",
  "would_charge_twice",
  "payload_not_valid",
] as const;
export type Verdict = (typeof verdicts)[number];
export const verdictLabels: Labels<Verdict> = {
  safe: { label: "Safe", tone: "good" },
  already_done: { label: "Already done by this worker", tone: "neutral" },
  order_ended: { label: "Order cancelled or refunded", tone: "warn" },
  superseded: { label: "Newer event already applied", tone: "warn" },
  would_charge_twice: { label: "Would charge twice", tone: "bad" },
  payload_not_valid: { label: "Payload not valid any more", tone: "bad" },
};

export const replayKinds = ["retry", "redirect", "edit"] as const;
export type ReplayKind = (typeof replayKinds)[number];

export const replayStatuses = [
  "planned",
  "waiting",
  "sent",
  "succeeded",
  "failed_again",
  "uncertain",
  "unknown",
  "cancelled",
  "skipped",
] as const;
export type ReplayStatus = (typeof replayStatuses)[number];
export const replayStatusLabels: Labels<ReplayStatus> = {
  planned: { label: "Planned", tone: "neutral" },
  waiting: { label: "Waiting", tone: "neutral" },
  sent: { label: "Sent, outcome awaited", tone: "progress" },
  succeeded: { label: "Succeeded", tone: "good" },
  failed_again: { label: "Failed again", tone: "bad" },
  uncertain: { label: "Uncertain whether it left", tone: "warn" },
  unknown: { label: "Left; outcome unknown", tone: "warn" },
  cancelled: { label: "Cancelled before it left", tone: "neutral" },
  skipped: { label: "Left out", tone: "neutral" },
};

export const runStatuses = [
  "planned",
  "held",
  "running",
  "paused",
  "completed",
  "cancelled",
  "stopped",
  "expired",
] as const;
export type RunStatus = (typeof runStatuses)[number];
export const runStatusLabels: Labels<RunStatus> = {
  planned: { label: "Planned", tone: "neutral" },
  held: { label: "On hold, nothing has left", tone: "progress" },
  running: { label: "Running", tone: "progress" },
  paused: { label: "Paused", tone: "warn" },
  completed: { label: "Completed", tone: "good" },
  cancelled: { label: "Cancelled", tone: "neutral" },
  stopped: { label: "Stopped by itself", tone: "bad" },
  expired: { label: "Plan expired", tone: "neutral" },
};

/** What a partition's commits of the last minutes say, by Burrow's rules. */
export const groupHealths = ["ok", "warn", "stall", "stop", "rewind", "never_committed", "not_enough_data"] as const;
export type GroupHealth = (typeof groupHealths)[number];
export const groupHealthLabels: Labels<GroupHealth> = {
  ok: { label: "OK", tone: "good" },
  warn: { label: "Falling behind", tone: "warn" },
  stall: { label: "Stalled", tone: "bad" },
  stop: { label: "Stopped", tone: "bad" },
  rewind: { label: "Rewound", tone: "warn" },
  never_committed: { label: "Never committed", tone: "neutral" },
  not_enough_data: { label: "Not enough data", tone: "neutral" },
};

export const alertStatuses = ["pending", "firing", "acknowledged", "resolved"] as const;
export type AlertStatus = (typeof alertStatuses)[number];
export const alertStatusLabels: Labels<AlertStatus> = {
  pending: { label: "Not yet", tone: "neutral" },
  firing: { label: "Firing", tone: "bad" },
  acknowledged: { label: "Acknowledged", tone: "progress" },
  resolved: { label: "Resolved", tone: "good" },
};

export const findingKinds = ["event_not_in_kafka", "job_lost", "paid_not_shipped"] as const;
export type FindingKind = (typeof findingKinds)[number];
export const findingKindLabels: Labels<FindingKind> = {
  event_not_in_kafka: { label: "Event never reached Kafka", tone: "bad" },
  job_lost: { label: "Job lost", tone: "bad" },
  paid_not_shipped: { label: "Paid, not shipped", tone: "warn" },
};

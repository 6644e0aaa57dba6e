import { z } from "zod";
import { personal } from "../personal.ts";
import { groupHealths } from "../vocabulary.ts";
import { Money } from "./dead-letters.ts";

/** Which part of the picture is known. A broker that does not answer makes its part unknown, never zero. */
export const Known = z.object({
  kafka: z.object({ isUp: z.boolean(), since: z.iso.datetime().nullable(), reason: z.string().nullable() }),
  rabbitmq: z.object({ isUp: z.boolean(), since: z.iso.datetime().nullable(), reason: z.string().nullable() }),
  /** Where the queue figures come from; by AMQP alone rates and unacknowledged messages are unknown. */
  queueSource: z.enum(["management", "amqp", "none"]),
});
export type Known = z.infer<typeof Known>;

/** One partition of one group. Offsets as text: they may pass 2^53. */
export const PartitionPlace = z.object({
  partition: z.int(),
  committed: z.string().nullable(),
  end: z.string(),
  /** 0 when caught up, also behind transaction markers; null = never committed. */
  lag: z.int().nullable(),
  member: z.string().nullable(),
  producePerSecond: z.number().nullable(),
  consumePerSecond: z.number().nullable(),
  health: z.enum(groupHealths),
  /** The rule that said so, with its numbers, in one sentence. */
  reason: z.string(),
  /** Until this partition is drained at the present rates, ms; null = it grows, or is unknown. */
  etaMs: z.int().nullable(),
  /** Age of the first unread record, ms. */
  timeLagMs: z.int().nullable(),
  timeLagIs: z.enum(["exact", "estimated"]).nullable(),
});
export type PartitionPlace = z.infer<typeof PartitionPlace>;

export const GroupView = z.object({
  group: z.string(),
  topic: z.string(),
  /** Null = not one of our workers. */
  worker: z.string().nullable(),
  state: z.string(),
  members: z.int(),
  lag: z.int(),
  /** Worst of its partitions. */
  health: z.enum(groupHealths),
  reason: z.string(),
  producePerSecond: z.number().nullable(),
  consumePerSecond: z.number().nullable(),
  timeLagMs: z.int().nullable(),
  etaMs: z.int().nullable(),
  /** Lag is not shrinking: there is no end in sight. */
  isGrowing: z.boolean(),
  pausedBy: personal("email", z.string()).nullable(),
  /** "37 paid orders wait for shipping, 4,210.00 EUR, oldest 6 min, drained in about 2 min." Null for others' groups. */
  inWords: personal("text", z.string()).nullable(),
  waiting: z.object({ orders: z.int(), money: Money, oldestMs: z.int().nullable() }).nullable(),
  partitions: z.array(PartitionPlace),
});
export type GroupView = z.infer<typeof GroupView>;

export const QueueView = z.object({
  name: z.string(),
  ready: z.int(),
  unacked: z.int().nullable(),
  consumers: z.int(),
  inPerSecond: z.number().nullable(),
  outPerSecond: z.number().nullable(),
  ackPerSecond: z.number().nullable(),
});
export type QueueView = z.infer<typeof QueueView>;

/** A work queue with its waiting rooms and its dead letters. */
export const FamilyView = z.object({
  name: z.string(),
  worker: z.string().nullable(),
  main: QueueView,
  retries: z.array(QueueView.extend({ delayMs: z.int(), nextReturnMs: z.int().nullable() })),
  /** In the broker, not collected yet. */
  deadInBroker: z.int().nullable(),
  /** In the store, waiting for somebody. */
  deadInStore: z.int(),
  oldestMs: z.int().nullable(),
  etaMs: z.int().nullable(),
  isGrowing: z.boolean(),
  pausedBy: personal("email", z.string()).nullable(),
  inWords: personal("text", z.string()),
  status: z.enum(["ok", "busy", "no_consumer", "paused", "unknown"]),
});
export type FamilyView = z.infer<typeof FamilyView>;

export const Consumers = z.object({ at: z.iso.datetime(), known: Known, groups: z.array(GroupView) });
export type Consumers = z.infer<typeof Consumers>;
export const Queues = z.object({
  at: z.iso.datetime(),
  known: Known,
  families: z.array(FamilyView),
  /** Queues of the vhost that are not ours. */
  others: z.array(QueueView),
});
export type Queues = z.infer<typeof Queues>;

/** A picture of what was observed: nodes are places, edges are ways between them. */
export const MapNode = z.object({
  id: z.string(),
  kind: z.enum(["checkout", "outbox", "topic", "worker", "exchange", "queue", "dead_letters", "outside"]),
  label: z.string(),
  status: z.enum(["ok", "busy", "bad", "paused", "unknown"]),
  /** One short line under the label. */
  detail: personal("text", z.string()),
  href: z.string(),
});
export const MapEdge = z.object({
  from: z.string(),
  to: z.string(),
  perSecond: z.number().nullable(),
  /** Lag or depth on this way. */
  waiting: z.int().nullable(),
  status: z.enum(["ok", "busy", "bad", "paused", "unknown"]),
  money: Money,
});
export const PipelineMap = z.object({
  at: z.iso.datetime(),
  known: Known,
  nodes: z.array(MapNode),
  edges: z.array(MapEdge),
  /** One sentence on health, the first thing to read, and the page that tells more of it. */
  health: z.object({
    status: z.enum(["ok", "busy", "bad", "unknown"]),
    sentence: personal("text", z.string()),
    href: z.string().nullable(),
  }),
});
export type PipelineMap = z.infer<typeof PipelineMap>;

/** Curves over time, at most 300 points each. */
export const Series = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  points: z.array(
    z.object({
      at: z.iso.datetime(),
      placedPerMinute: z.number().nullable(),
      shippedPerMinute: z.number().nullable(),
      /** Placed to shipped, median of the orders shipped meanwhile, ms. */
      latencyMs: z.number().nullable(),
      errorsPerMinute: z.number().nullable(),
      lag: z.number().nullable(),
      depth: z.number().nullable(),
    }),
  ),
  marks: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: z.string(),
      label: personal("text", z.string()),
      href: z.string().nullable(),
    }),
  ),
});
export type Series = z.infer<typeof Series>;
export const SeriesQuery = z.object({ minutes: z.coerce.number().int().min(5).max(1_500).default(60) });

export const GroupHistory = z.object({
  points: z.array(z.object({ at: z.iso.datetime(), lag: z.int(), committed: z.int(), end: z.int() })),
});

export const PauseRequest = z.object({ reason: z.string().trim().min(3).max(500) });

/** A guarded move of a stopped group's offsets: first a plan, then the group's name typed by hand. */
export const OffsetReset = z.object({
  topic: z.string(),
  to: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("earliest") }),
    z.object({ kind: z.literal("latest") }),
    z.object({ kind: z.literal("time"), at: z.iso.datetime() }),
    z.object({ kind: z.literal("offset"), partition: z.int().min(0), offset: z.string().regex(/^\d+$/) }),
  ]),
  /** Left out = only the plan. Must be the group's name. */
  typedGroup: z.string().optional(),
  reason: z.string().trim().max(2_000).optional(),
});
export type OffsetReset = z.infer<typeof OffsetReset>;
export const OffsetResetReply = z.object({
  isDone: z.boolean(),
  partitions: z.array(z.object({ partition: z.int(), from: z.string().nullable(), to: z.string(), records: z.int() })),
});
export type OffsetResetReply = z.infer<typeof OffsetResetReply>;

export const TopicRow = z.object({
  name: z.string(),
  isOurs: z.boolean(),
  partitions: z.int(),
  replicas: z.int(),
  /** Partitions with fewer in-sync replicas than replicas. */
  underReplicated: z.int(),
  retentionMs: z.string().nullable(),
  /** End minus beginning, over all partitions. */
  records: z.string(),
});
export const TopicList = z.object({ topics: z.array(TopicRow), total: z.int() });
export const TopicQuery = z.object({ search: z.string().max(249).optional() });

/** Where to begin to read and what to keep. Read-only; no group is touched. */
export const BrowseQuery = z.object({
  partition: z.coerce.number().int().min(0).optional(),
  /** `newest` = the last `limit` records. */
  from: z.enum(["newest", "oldest", "offset", "time"]).default("newest"),
  offset: z.string().regex(/^\d+$/).optional(),
  time: z.iso.datetime().optional(),
  key: z.string().max(1_000).optional(),
  /** `name=value` */
  header: z.string().max(1_000).optional(),
  text: z.string().max(1_000).optional(),
  /** `data.order.currency=EUR` */
  path: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type BrowseQuery = z.infer<typeof BrowseQuery>;
export const BrowsedRecord = z.object({
  partition: z.int(),
  offset: z.string(),
  at: z.iso.datetime(),
  key: personal("key", z.string()).nullable(),
  headers: z.array(personal("header", z.tuple([z.string(), z.string()]))),
  value: personal("message", z.string()).nullable(),
  isCut: z.boolean(),
  /** `avro`: the value is shown as the JSON that it stands for. */
  decodedAs: z.enum(["json", "avro", "text", "binary", "tombstone"]),
  /** The schema that an Avro value names, known or not; null = it names none, or no registry is configured. */
  schema: z.object({ id: z.int(), name: z.string().nullable() }).nullable(),
  error: personal("text", z.string()).nullable(),
  orderId: z.string().nullable(),
});
export type BrowsedRecord = z.infer<typeof BrowsedRecord>;
/** A line of the answer (NDJSON): progress at most every 500 ms, a record, or the end with its reason. */
export const BrowseLine = z.union([
  z.object({ progress: z.object({ read: z.int(), matched: z.int(), of: z.int() }) }),
  z.object({ record: BrowsedRecord }),
  z.object({ end: z.object({ reason: z.string(), read: z.int(), matched: z.int() }) }),
]);
export type BrowseLine = z.infer<typeof BrowseLine>;

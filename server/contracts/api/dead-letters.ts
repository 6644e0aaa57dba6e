import { z } from "zod";
import { personal } from "../personal.ts";
import { deadLetterStatuses, groupStatuses, orderStatuses, replayStatuses, verdicts } from "../vocabulary.ts";

/** Money of several currencies, never added up across them. Cents. */
export const Money = z.array(z.object({ currency: z.string(), cents: z.int() }));
export type Money = z.infer<typeof Money>;

/** A dead letter as a row of a list. */
export const LetterRow = z.object({
  id: z.uuid(),
  groupId: z.uuid(),
  status: z.enum(deadLetterStatuses),
  version: z.int(),
  broker: z.enum(["kafka", "rabbitmq"]),
  /** The queue or topic it died in. */
  source: z.string(),
  consumer: z.string().nullable(),
  messageId: z.uuid().nullable(),
  messageType: z.string().nullable(),
  orderId: z.uuid().nullable(),
  orderNumber: z.int().nullable(),
  customerName: personal("name", z.string()).nullable(),
  totalCents: z.int().nullable(),
  currency: z.string().nullable(),
  isTest: z.boolean(),
  errorClass: z.string(),
  errorMessage: personal("text", z.string()),
  attempts: z.int(),
  deaths: z.int(),
  replays: z.int(),
  bytes: z.int(),
  firstDiedAt: z.iso.datetime(),
  diedAt: z.iso.datetime(),
});
export type LetterRow = z.infer<typeof LetterRow>;

/** What narrows a list, an export or a bulk act. All given parts must hold. */
export const LetterFilter = z.object({
  /** `unsettled` = dead, uncertain or quarantined: what still waits for somebody. */
  status: z.enum([...deadLetterStatuses, "unsettled", "all"]).default("unsettled"),
  groupId: z.uuid().optional(),
  source: z.string().max(200).optional(),
  consumer: z.string().max(200).optional(),
  messageType: z.string().max(200).optional(),
  workerVersion: z.string().max(100).optional(),
  orderId: z.uuid().optional(),
  endpointId: z.uuid().optional(),
  /** An order id or number, message id, letter id, or part of a customer's name, an error text or a header (`name=value`). */
  search: z.string().trim().max(200).optional(),
  /** Died in this window, `from` included, `to` not. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export type LetterFilter = z.infer<typeof LetterFilter>;

export const LetterListQuery = LetterFilter.extend({
  cursor: z.string().max(200).optional(),
  /** The cursor of the page after this one: no letter behind it is told. */
  until: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type LetterListQuery = z.infer<typeof LetterListQuery>;
export const LetterList = z.object({ letters: z.array(LetterRow), nextCursor: z.string().nullable() });
export type LetterList = z.infer<typeof LetterList>;

/** A list as a whole: how long it is and where each page begins, so that any page can be asked for at once. */
export const LetterPages = z.object({
  /** Letters in the list. */
  total: z.int(),
  /** The filter finds more than a list holds; the oldest are not in it. */
  isMore: z.boolean(),
  /** Letters of a page; the last one may have fewer. */
  size: z.int(),
  /** The first page. */
  first: z.array(LetterRow),
  /** The cursor of each further page. */
  starts: z.array(z.string()),
});
export type LetterPages = z.infer<typeof LetterPages>;

export const ExportFormat = z.enum(["csv", "json"]);
export const ExportQuery = LetterFilter.extend({ format: ExportFormat.default("csv") });

/** Bytes as they can be shown: text where they are UTF-8, else base64 with the reason why not. */
export const ShownBytes = personal(
  "bytes",
  z.object({
    bytes: z.int(),
    /** null = no bytes at all: a tombstone, or a null key. */
    text: z.string().nullable(),
    base64: z.string().nullable(),
    /** Why it is not shown as JSON, in one sentence; null = it is JSON. */
    note: z.string().nullable(),
  }),
);
export type ShownBytes = z.infer<typeof ShownBytes>;

/**
 * A header as it lies in PostgreSQL, in order, with duplicates. `json` = a number, boolean, list or table of AMQP;
 * `base64` = bytes that are no clean text, in name or value.
 */
export const StoredHeader = personal("header", z.tuple([z.string(), z.string(), z.enum(["utf8", "base64", "json"])]));
export type StoredHeader = z.infer<typeof StoredHeader>;

export const LetterOrigin = z.union([
  z.object({ exchange: z.string(), routingKey: z.string(), queue: z.string() }),
  z.object({ topic: z.string(), partition: z.int(), offset: z.string() }),
]);
export type LetterOrigin = z.infer<typeof LetterOrigin>;

/** A failed attempt that another one followed. */
export const FailedAttempt = z.object({
  failedAt: z.iso.datetime(),
  errorClass: z.string(),
  errorMessage: personal("text", z.string()),
  errorStack: personal("place", z.string()),
  worker: z.string(),
  workerVersion: z.string(),
});
export type FailedAttempt = z.infer<typeof FailedAttempt>;

/** One death: each attempt of a life ends in the next or here. */
export const Death = z.object({
  number: z.int(),
  origin: LetterOrigin,
  deadLetterPosition: z.object({ topic: z.string(), partition: z.int(), offset: z.string() }).nullable(),
  errorClass: z.string(),
  errorMessage: personal("text", z.string()),
  errorStack: personal("place", z.string()),
  worker: z.string().nullable(),
  workerVersion: z.string().nullable(),
  attempts: z.int(),
  /** The attempts before the one it died of, oldest first. Of very many the first and the newest; none where a stranger sent it. */
  earlierAttempts: z.array(FailedAttempt),
  firstFailedAt: z.iso.datetime(),
  failedAt: z.iso.datetime(),
  replayId: z.uuid().nullable(),
});
export type Death = z.infer<typeof Death>;

export const VerdictOf = z.object({ verdict: z.enum(verdicts), reason: personal("text", z.string()) });
export type VerdictOf = z.infer<typeof VerdictOf>;

export const LetterEdit = z.object({
  number: z.int(),
  body: ShownBytes,
  headers: z.array(StoredHeader),
  reason: personal("text", z.string()),
  actor: personal("email", z.string()),
  createdAt: z.iso.datetime(),
});

export const LetterReplay = z.object({
  replayId: z.uuid(),
  runId: z.uuid(),
  runName: personal("text", z.string()),
  status: z.enum(replayStatuses),
  detail: personal("text", z.string()).nullable(),
  editNumber: z.int().nullable(),
  sentAt: z.iso.datetime().nullable(),
  settledAt: z.iso.datetime().nullable(),
});

/** Which headers an operator may touch: `locked` never, `sensitive` with a second look, `free` at will; others are removed. */
export const EditableHeader = personal(
  "header",
  z.object({ name: z.string(), value: z.string(), rule: z.enum(["locked", "sensitive", "free"]) }),
);
export type EditableHeader = z.infer<typeof EditableHeader>;

export const LetterDetail = z.object({
  letter: LetterRow,
  key: ShownBytes.nullable(),
  body: ShownBytes,
  headers: z.array(StoredHeader),
  properties: personal("withheld", z.record(z.string(), z.unknown())),
  deaths: z.array(Death),
  edits: z.array(LetterEdit),
  replays: z.array(LetterReplay),
  verdict: VerdictOf,
  /** Headers a replay or edit starts from: death and retry marks are gone. */
  editableHeaders: z.array(EditableHeader),
  /** JSON Schema of the message's contract; null where the type is nobody's. */
  schema: z.record(z.string(), z.unknown()).nullable(),
  order: z
    .object({
      orderId: z.uuid(),
      number: z.int(),
      status: z.enum(orderStatuses),
      placedAt: z.iso.datetime(),
      /** What the customer knows of it by now, in one sentence. */
      customerSees: z.string(),
      /** The other letters of this order. */
      letters: z.array(
        z.object({ id: z.uuid(), status: z.enum(deadLetterStatuses), messageType: z.string().nullable() }),
      ),
    })
    .nullable(),
  /** The endpoint a webhook was for. */
  endpoint: z.object({ id: z.uuid(), partner: z.string(), url: z.string() }).nullable(),
});
export type LetterDetail = z.infer<typeof LetterDetail>;

/** Letters of one cause. Counts and money are of the letters that still wait. */
export const GroupRow = z.object({
  id: z.uuid(),
  consumer: z.string(),
  messageType: z.string(),
  errorClass: z.string(),
  errorShape: personal("text", z.string()),
  frame: z.string().nullable(),
  status: z.enum(groupStatuses),
  note: personal("text", z.string()).nullable(),
  owner: personal("email", z.string()).nullable(),
  letters: z.int(),
  replaying: z.int(),
  succeeded: z.int(),
  deaths: z.int(),
  orders: z.int(),
  customers: z.int(),
  /** Each order once; test orders left out. */
  money: Money,
  oldestDiedAt: z.iso.datetime().nullable(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  firstSeenVersion: z.string().nullable(),
  /** Deaths per hour of the last 24 hours, oldest first. */
  trend: z.array(z.int()),
  /** What happened shortly before it was first seen, e.g. a new version. */
  hint: personal("text", z.string()).nullable(),
  /** Endpoints the letters were for, where they are webhooks. */
  endpoints: z.array(z.object({ id: z.uuid(), partner: z.string(), url: z.string(), letters: z.int() })),
});
export type GroupRow = z.infer<typeof GroupRow>;

export const GroupListQuery = z.object({ status: z.enum([...groupStatuses, "unsettled", "all"]).default("unsettled") });
export const GroupList = z.object({
  groups: z.array(GroupRow),
  /** Over all groups that were asked for; each order once. */
  totals: z.object({ letters: z.int(), orders: z.int(), money: Money }),
  /** Ready in the brokers, not collected yet; null = the broker can't be asked. */
  inBrokers: z.object({ rabbitmq: z.int().nullable() }),
});
export type GroupList = z.infer<typeof GroupList>;

export const GroupChange = z.object({
  status: z.enum(groupStatuses).optional(),
  note: z.string().max(4_000).nullable().optional(),
  owner: z.string().max(200).nullable().optional(),
});
export type GroupChange = z.infer<typeof GroupChange>;

import { cleanText, uuidOrNull } from "./clean-text.ts";

/** What a message says of itself, as far as it can be read. */
export type ReadEnvelope = {
  messageId: string | null;
  messageType: string | null;
  messageVersion: number | null;
  orderId: string | null;
  /** Place in the order's history; null for what is not history. */
  seq: number | null;
  /** The webhook endpoint it is for. */
  endpointId: string | null;
};

/** A longer body is kept and not parsed, bytes. */
const PARSED_BYTES = 1_048_576;
const NAME_CHARACTERS = 200;

/**
 * Reads the envelope leniently: each field by itself, from the body where that is JSON, else from the headers and the
 * key. Looks at two levels and never walks the rest, whatever depth it has.
 */
export function readEnvelope(
  body: Buffer | null,
  header: (name: string) => string | undefined,
  { key = null, messageId = null }: { key?: Buffer | null; messageId?: string | null },
): ReadEnvelope {
  const told = parsed(body);
  const data = objectOr(told.data);
  return {
    messageId: uuidOrNull(told.id) ?? uuidOrNull(header("event-id")) ?? uuidOrNull(messageId),
    messageType: nameOrNull(told.type) ?? nameOrNull(header("event-type")),
    messageVersion: countOrNull(told.version),
    orderId: uuidOrNull(told.orderId) ?? uuidOrNull(key?.length === 36 ? key.toString("latin1") : null),
    seq: countOrNull(told.seq) || null,
    endpointId: uuidOrNull(data.endpointId),
  };
}

function parsed(body: Buffer | null): Record<string, unknown> {
  if (!body || body.length > PARSED_BYTES) return {};
  try {
    return objectOr(JSON.parse(body.toString()));
  } catch {
    return {};
  }
}

const objectOr = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const nameOrNull = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? cleanText(value, NAME_CHARACTERS) : null;

/** What fits the columns. */
const countOrNull = (value: unknown): number | null =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31 ? (value as number) : null;

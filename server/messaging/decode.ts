import { Envelope, type MessageContract, type Received } from "#contracts/message";
import { contractsByType } from "#contracts/messages/index";
import type { RawMessage } from "./broker.ts";
import type { WorkerDefinition } from "./worker.ts";

/** A message nobody here can understand. It becomes a dead letter with its bytes as they came. */
export class Undecodable extends Error {
  override name = "Undecodable";
}

export type Decoded =
  | { outcome: "message"; message: Received<MessageContract> }
  /** For somebody else: another worker's type. */
  | { outcome: "skip" }
  | { outcome: "poison"; error: Undecodable };

const MAX_BYTES = 1_048_576;

/**
 * Reads a raw message for one worker. The header names the type, so that what a worker does not handle is never parsed.
 * What is nobody's (no known type) is poison only for the worker that `catchesUnreadable`, so that one unreadable
 * message gives one dead letter and not one per consumer group.
 */
export function decode(worker: WorkerDefinition, raw: RawMessage): Decoded {
  const named = headerText(raw, "event-type");
  if (named !== null && contractsByType.has(named) && !handles(worker, named)) return { outcome: "skip" };
  const mine = (named !== null && handles(worker, named)) || worker.catchesUnreadable === true;
  try {
    const envelope = Envelope.parse(parseJson(raw.value));
    const contract = contractsByType.get(envelope.type);
    if (!contract) throw new Undecodable(`no contract is declared for the type "${envelope.type.slice(0, 100)}"`);
    if (!handles(worker, envelope.type)) return { outcome: "skip" };
    if (envelope.version > contract.version)
      throw new Undecodable(`version ${envelope.version} of ${envelope.type} is newer than ours, ${contract.version}`);
    const data = contract.body.parse(envelope.data);
    return { outcome: "message", message: { ...envelope, data } as Received<MessageContract> };
  } catch (error) {
    if (!mine) return { outcome: "skip" };
    return { outcome: "poison", error: error instanceof Undecodable ? error : new Undecodable(explain(error)) };
  }
}

export const headerText = (raw: RawMessage, name: string): string | null =>
  raw.headers.find(([header]) => header === name)?.[1].toString("utf8") ?? null;

const handles = (worker: WorkerDefinition, type: string) => worker.on.some((contract) => contract.type === type);

function parseJson(value: Buffer | null): unknown {
  if (value === null) throw new Undecodable("the value is null (a tombstone)");
  if (value.length > MAX_BYTES) throw new Undecodable(`${value.length} bytes are more than the ${MAX_BYTES} allowed`);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
}

/** Field names and rules only: a value that does not fit may be anything, also somebody's card number. */
function explain(error: unknown): string {
  const issues = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues;
  if (issues)
    return issues
      .slice(0, 5)
      .map(({ path, message }) => `${path.join(".")}: ${message}`)
      .join("; ");
  return error instanceof Error ? `${error.name}: the value is not JSON in UTF-8` : "unknown";
}

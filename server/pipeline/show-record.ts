import type { z } from "zod";
import type { BrowsedRecord, BrowseQuery } from "#contracts/api/operations";
import { splitConfluent } from "#server/messaging/confluent-format";
import type { ReadRecord } from "#server/messaging/kafka-browse";
import { readAvro } from "#server/messaging/read-avro";
import type { SchemaAnswer } from "#server/messaging/schema-registry";

type Shown = z.infer<typeof BrowsedRecord>;
type Filter = Pick<z.infer<typeof BrowseQuery>, "key" | "header" | "text" | "path">;

/** Characters of a value that are shown in a list. */
const MAX_CHARS = 16_384;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What the registry said of the schemas that records name; null = there is no registry. */
export type Schemas = ReadonlyMap<number, SchemaAnswer> | null;

/** A record as a person reads it, whatever its bytes are; what could not be decoded says why. */
export function showRecord(record: ReadRecord, schemas: Schemas = null): Shown {
  const key = showKey(record.key, schemas);
  const { value, decodedAs, error, schema, json } = decode(record.value, schemas);
  return {
    partition: record.partition,
    offset: String(record.offset),
    at: instant(record.atMs),
    key,
    headers: record.headers.map(([name, bytes]) => [name, asText(bytes) ?? bytes.toString("base64")]),
    value: value === null ? null : value.slice(0, MAX_CHARS).toWellFormed(),
    isCut: (value?.length ?? 0) > MAX_CHARS,
    ...{ decodedAs, error, schema },
    orderId: orderIdOf(key, json),
  };
}

/** All that is asked for must hold; of an Avro value its JSON is looked at. */
export function matches(record: ReadRecord, { key, header, text, path }: Filter, schemas: Schemas = null): boolean {
  if (key !== undefined && showKey(record.key, schemas) !== key) return false;
  if (header !== undefined && !record.headers.some(([name, value]) => `${name}=${value}` === header)) return false;
  if (text === undefined && path === undefined) return true;
  const { value, decodedAs } = decode(record.value, schemas);
  if (value === null || decodedAs === "binary") return false;
  if (text !== undefined && !value.toLowerCase().includes(text.toLowerCase())) return false;
  return path === undefined || hasPath(value, path);
}

/** `data.order.currency=EUR`: the field is there and reads so; without `=` it is there. */
function hasPath(text: string, path: string): boolean {
  const split = path.indexOf("=");
  const [names, wanted] = split < 0 ? [path, null] : [path.slice(0, split), path.slice(split + 1)];
  let found = parse(text).json;
  for (const name of names.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return false;
    found = (found as Record<string, unknown>)[name];
  }
  return wanted === null || (typeof found === "string" ? found : JSON.stringify(found)) === wanted;
}

/** As text where it is one; Avro as what it stands for, else Base64. */
function showKey(bytes: Buffer | null, schemas: Schemas): string | null {
  if (bytes === null) return null;
  const avro = schemas && decodeAvro(bytes, schemas);
  if (avro?.decodedAs === "avro") return typeof avro.json === "string" ? avro.json : avro.value;
  return asText(bytes) ?? bytes.toString("base64");
}

type Decoded = Pick<Shown, "value" | "decodedAs" | "error" | "schema"> & { json?: unknown };

function decode(bytes: Buffer | null, schemas: Schemas): Decoded {
  if (bytes === null) return { value: null, decodedAs: "tombstone", error: null, schema: null };
  return (schemas && decodeAvro(bytes, schemas)) ?? { ...decodeText(bytes), schema: null };
}

/** Null = it does not even look like Avro. */
function decodeAvro(bytes: Buffer, schemas: NonNullable<Schemas>): Decoded | null {
  const split = splitConfluent(bytes);
  if (!split) return null;
  const { schemaId, body } = split;
  const answer = schemas.get(schemaId) ?? { why: "the registry was not asked" };
  const name = "schema" in answer ? answer.schema.name : null;
  const schema = { id: schemaId, name };
  try {
    if ("why" in answer) throw new Error(answer.why);
    const json = readAvro(answer.schema, body);
    return { value: JSON.stringify(json), decodedAs: "avro", error: null, schema, json };
  } catch (error) {
    const called = `Avro schema ${schemaId}${name === null ? "" : `, ${name}`}`;
    return {
      value: bytes.toString("base64"),
      decodedAs: "binary",
      error: `${called}: ${(error as Error).message}. Shown as Base64.`,
      schema,
    };
  }
}

function decodeText(bytes: Buffer): Omit<Decoded, "schema"> {
  const text = asText(bytes);
  if (text === null)
    return { value: bytes.toString("base64"), decodedAs: "binary", error: "The bytes are not UTF-8; shown as Base64." };
  const { json, error } = parse(text);
  if (error === null) return { value: text, decodedAs: "json", error: null, json };
  return { value: text, decodedAs: "text", error: /^\s*[[{]/.test(text) ? error : null };
}

function parse(text: string): { json: unknown; error: string | null } {
  try {
    return { json: JSON.parse(text), error: null };
  } catch (error) {
    return { json: undefined, error: (error as Error).message };
  }
}

function asText(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function orderIdOf(key: string | null, json: unknown): string | null {
  const told = (json as { orderId?: unknown } | null | undefined)?.orderId;
  if (typeof told === "string" && uuid.test(told)) return told;
  return key !== null && uuid.test(key) ? key : null;
}

/** Producers may write any time, also one that no date has. */
/** The years that ISO 8601 writes with four digits, ms. */
const [FIRST_MS, LAST_MS] = [-62_167_219_200_000, 253_402_300_799_999];
/** A producer may say any time; what no calendar of ours holds reads as the beginning of 1970. */
const instant = (ms: number) => new Date(ms >= FIRST_MS && ms <= LAST_MS ? ms : 0).toISOString();

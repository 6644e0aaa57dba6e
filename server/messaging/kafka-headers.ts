import { createRequire } from "node:module";
import type { IHeaders } from "kafkajs";
import type { Headers } from "./broker.ts";

/*
 * Kafka's headers are a list: names may repeat, and order counts. kafkajs takes and gives an object, in which a repeated
 * name moves to its first place and names like `7` or `constructor` are not safe. So the list travels inside the object.
 */

type Entry = { key: string; value: Buffer | null };

/** Under it a decoded object carries the list that it was made of. */
const LIST = Symbol("headers as they were");

/** Headers for kafkajs, which asks each value that is a list for its entries. */
export function toKafkaHeaders(headers: Headers): Record<string, Buffer[]> {
  const entries: Entry[] = headers.map(([key, value]) => ({ key, value }));
  const values = headers.map(([, value]) => value);
  return { all: Object.assign(values, { map: () => entries }) };
}

/** Headers of a record that was read after `keepHeaderOrder`. A header without a value comes out empty. */
export function fromKafkaHeaders(headers: IHeaders | undefined): Headers {
  const { [LIST]: entries = [] } = (headers ?? {}) as { [LIST]?: Entry[] };
  return entries.map(({ key, value }) => [key, value ?? Buffer.alloc(0)] as const);
}

let isKept = false;

/** Makes kafkajs keep the list of headers beside its object. Call it before the first client is made. */
export function keepHeaderOrder(): void {
  if (isKept) return;
  isKept = true;
  const { prototype } = createRequire(import.meta.url)("kafkajs/src/protocol/decoder") as {
    prototype: { readVarIntArray(read: unknown): Entry[] };
  };
  const readArray = prototype.readVarIntArray;
  prototype.readVarIntArray = function (read) {
    const entries = readArray.call(this, read);
    // Its one caller reduces the entries of a record's headers to an object.
    return Object.assign(entries, { reduce: () => asObject(entries) });
  };
}

function asObject(entries: Entry[]): IHeaders {
  const object: IHeaders = Object.create(null);
  for (const { key, value } of entries) {
    const earlier = object[key];
    object[key] = earlier === undefined ? value! : [...(Array.isArray(earlier) ? earlier : [earlier]), value!];
  }
  return Object.defineProperty(object, LIST, { value: entries });
}

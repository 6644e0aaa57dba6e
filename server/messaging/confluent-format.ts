/** Confluent's wire format: a zero, four bytes of schema id, the value. */
const MAGIC = 0;
const HEAD = 5;

/** The schema id and the value's own bytes; null = it is not in this format. */
export function splitConfluent(bytes: Buffer | null): { schemaId: number; body: Buffer } | null {
  if (bytes === null || bytes.length < HEAD || bytes[0] !== MAGIC) return null;
  return { schemaId: bytes.readInt32BE(1), body: bytes.subarray(HEAD) };
}

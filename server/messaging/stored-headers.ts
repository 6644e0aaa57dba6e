import type { StoredHeader } from "#contracts/api/dead-letters";
import type { Headers } from "./broker.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes that PostgreSQL can hold and that gives the same bytes back; null = there is none. */
function textOf(bytes: Buffer): string | null {
  try {
    const text = strict.decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

export const storeHeaders = (headers: Headers): StoredHeader[] =>
  headers.map(([name, value]) => {
    const text = textOf(value);
    return text === null ? [name, value.toString("base64"), "base64"] : [name, text, "utf8"];
  });

/** The bytes of stored headers; what AMQP typed becomes its JSON. */
export const headersOf = (stored: readonly StoredHeader[]): Headers =>
  stored.map(
    ([name, value, encoding]) => [name, Buffer.from(value, encoding === "base64" ? "base64" : "utf8")] as const,
  );

/** The headers as AMQP wants them, with the types they had. Of a name that stands twice the last one counts. */
export const tableOf = (stored: readonly StoredHeader[]): Record<string, unknown> =>
  Object.fromEntries(
    stored.map(([name, value, encoding]) => [
      name,
      encoding === "json" ? JSON.parse(value) : encoding === "base64" ? Buffer.from(value, "base64") : value,
    ]),
  );

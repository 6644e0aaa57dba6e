import type { IHeaders } from "kafkajs";
import type { Headers } from "./broker.ts";

/**
 * kafkajs takes and gives an object. A name that stands several times keeps its values in their order, but comes out at
 * the place of its first; names that look like whole numbers come out first. A header without a value comes out empty.
 */
export function toKafkaHeaders(headers: Headers): Record<string, Buffer | Buffer[]> {
  const result: Record<string, Buffer | Buffer[]> = Object.create(null);
  for (const [name, value] of headers) {
    const earlier = result[name];
    result[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
  }
  return result;
}

/**
 * For a name like `constructor`, which every object has, kafkajs puts the object's own member before the values: what is
 * no value is left out here, or such a header would stop its partition for ever.
 */
export function fromKafkaHeaders(headers: IHeaders | undefined): Headers {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values])
      .filter((value) => value == null || typeof value === "string" || Buffer.isBuffer(value))
      .map((value) => [name, Buffer.isBuffer(value) ? value : Buffer.from(value ?? "")] as const),
  );
}

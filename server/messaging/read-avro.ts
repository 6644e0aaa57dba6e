import avro from "avsc";

/** A schema that was understood, and its name where it has one. */
export type AvroSchema = { name: string | null; type: avro.Type };

/** The bytes are not what the schema says. */
class NotAvro extends Error {
  override name = "NotAvro";
  /** Where it went wrong, from the outside in. */
  readonly path: string[] = [];
}

/** Deeper, or more values in all, is no record of anybody's; six bytes can claim billions. */
const MAX_DEPTH = 100;
const MAX_VALUES = 1_000_000;
const MAX_SCALE = 1_000;

/**
 * Fixed-point numbers read as what they are, `12.90`; everything else that is logical reads as its underlying type, and
 * so does a decimal that is none.
 */
class Decimal extends avro.types.LogicalType {
  readonly scale: number;
  constructor(schema: avro.Schema, options?: unknown) {
    super(schema, options);
    const { scale = 0 } = schema as { scale?: unknown };
    if (!Number.isInteger(scale) || Number(scale) < 0 || Number(scale) > MAX_SCALE) throw new Error("no decimal");
    this.scale = Number(scale);
  }
}

/**
 * Understands a schema. `named` holds the types that it refers to and takes those that it declares.
 * @throws Error in avsc's words.
 */
export function parseAvroSchema(schema: string, named: Record<string, avro.Type> = {}): AvroSchema {
  const type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, {
    registry: named,
    logicalTypes: { decimal: Decimal },
    wrapUnions: "always",
  });
  return { name: type.name ?? null, type };
}

/**
 * Reads a value as plain JSON: longs beyond 2^53 as digits, bytes as Base64, a union as the value it holds.
 * avsc understands the schema; the bytes are read here, because its own reader believes a count before it looks whether
 * so much is left, and a broken record would stop the process.
 * @throws Error saying what is wrong, and where.
 */
export function readAvro({ type }: AvroSchema, bytes: Buffer): unknown {
  const input = new Input(bytes);
  try {
    const value = read(type, input, 0);
    if (input.left > 0) throw new NotAvro(`${input.left} bytes are left over after the value`);
    return value;
  } catch (error) {
    if (error instanceof NotAvro && error.path.length > 0) error.message = `${error.path.join(".")}: ${error.message}`;
    throw error;
  }
}

class Input {
  private at = 0;
  private values = 0;
  private readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  get left(): number {
    return this.bytes.length - this.at;
  }
  take(count: number): Buffer {
    if (count < 0 || count > this.left)
      throw new NotAvro(`${count} bytes are wanted at byte ${this.at}, ${this.left} are left`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  count(): void {
    this.values += 1;
    if (this.values > MAX_VALUES) throw new NotAvro(`it holds more than ${MAX_VALUES} values`);
  }
  /** A zig-zag number of variable length. */
  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new NotAvro(`the number before byte ${this.at} is too long`);
  }
  size(): number {
    return Number(this.long());
  }
}

function read(type: avro.Type, input: Input, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new NotAvro(`it is nested deeper than ${MAX_DEPTH}`);
  input.count();
  // By its name: a schema may have been parsed by another copy of this module.
  if (type.typeName === "logical:decimal") {
    const { underlyingType, scale } = type as Decimal;
    return decimal(read(underlyingType, input, depth + 1), scale);
  }
  if (type instanceof avro.types.RecordType)
    return Object.fromEntries(type.fields.map(({ name, type: of }) => [name, within(name, of, input, depth)]));
  if (type instanceof avro.types.EnumType) return oneOf("symbol", type.symbols, input);
  if (type instanceof avro.types.FixedType) return input.take(type.size).toString("base64");
  if (type instanceof avro.types.ArrayType) {
    const { itemsType } = type;
    return blocks(input, (index) => within(String(index), itemsType, input, depth));
  }
  if (type instanceof avro.types.MapType) {
    const { valuesType } = type as { valuesType: avro.Type };
    return Object.fromEntries(
      blocks(input, () => {
        const key = text(input);
        return [key, within(key, valuesType, input, depth)] as const;
      }),
    );
  }
  switch (type.typeName) {
    case "null":
      return null;
    case "boolean":
      return oneOf("boolean", [false, true], input, () => input.take(1)[0]!);
    case "int":
    case "long":
      return plainNumber(input.long());
    case "float":
      return plainFloat(input.take(4).readFloatLE());
    case "double":
      return plainFloat(input.take(8).readDoubleLE());
    case "bytes":
      return input.take(input.size()).toString("base64");
    case "string":
      return text(input);
    case "union:wrapped":
      return read(oneOf("branch", (type as unknown as { types: avro.Type[] }).types, input), input, depth + 1);
    default:
      throw new NotAvro(`values of type ${type.typeName} are not read here`);
  }
}

/** Reads a part, and says in which one it went wrong. */
function within(name: string, type: avro.Type, input: Input, depth: number): unknown {
  try {
    return read(type, input, depth + 1);
  } catch (error) {
    if (error instanceof NotAvro) error.path.unshift(name);
    throw error;
  }
}

function blocks<Item>(input: Input, readItem: (index: number) => Item): Item[] {
  const items: Item[] = [];
  for (;;) {
    let count = input.size();
    if (count === 0) return items;
    if (count < 0) {
      count = -count;
      input.size();
    }
    for (; count > 0; count -= 1) items.push(readItem(items.length));
  }
}

function oneOf<Choice>(what: string, choices: readonly Choice[], input: Input, next = () => input.size()): Choice {
  const index = next();
  if (index < 0 || index >= choices.length) throw new NotAvro(`there is no ${what} ${index}`);
  return choices[index]!;
}

function text(input: Input): string {
  const bytes = input.take(input.size());
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotAvro("a text is not UTF-8");
  }
}

const plainNumber = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
/** JSON has no word for these. */
const plainFloat = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function decimal(base64: unknown, scale: number): string {
  const bytes = Buffer.from(String(base64), "base64");
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? "-" : ""}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ""}`;
}

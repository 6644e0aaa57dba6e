import avro from "avsc";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAvroSchema, readAvro } from "./read-avro.ts";

const kitchen = {
  type: "record",
  name: "Everything",
  namespace: "shop",
  fields: [
    { name: "nothing", type: "null" },
    { name: "yes", type: "boolean" },
    { name: "small", type: "int" },
    { name: "large", type: "long" },
    { name: "about", type: "float" },
    { name: "exact", type: "double" },
    { name: "bytes", type: "bytes" },
    { name: "text", type: "string" },
    { name: "hash", type: { type: "fixed", name: "Hash", size: 5 } },
    { name: "suit", type: { type: "enum", name: "Suit", symbols: ["HEARTS", "SPADES"] } },
    { name: "many", type: { type: "array", items: "Suit" } },
    { name: "named", type: { type: "map", values: ["null", "long", "Hash"] } },
    { name: "maybe", type: ["null", "string", "Everything"] },
  ],
} as const;

const read = (schema: unknown, bytes: Buffer) => readAvro(parseAvroSchema(JSON.stringify(schema)), bytes);

/** What avsc read, in our words: bytes as Base64, unions as the value they hold. */
function plain(type: avro.Type, value: unknown): unknown {
  if (type.typeName === "union:wrapped") {
    if (value === null) return null;
    const [branch, held] = Object.entries(value as object)[0]!;
    const types = (type as unknown as { types: avro.Type[] }).types;
    return plain(types.find(({ branchName }) => branchName === branch)!, held);
  }
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (type instanceof avro.types.RecordType)
    return Object.fromEntries(
      type.fields.map((field) => [field.name, plain(field.type, (value as never)[field.name])]),
    );
  if (type instanceof avro.types.ArrayType)
    return (value as unknown[]).map((item) => plain((type as avro.types.ArrayType).itemsType, item));
  if (type instanceof avro.types.MapType)
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, plain((type as avro.types.MapType).valuesType, item)]),
    );
  return value;
}

test("whatever another writer wrote reads as that writer reads it", () => {
  const type = avro.Type.forSchema(structuredClone(kitchen) as never, { wrapUnions: "always" });
  for (let round = 0; round < 300; round += 1) {
    const bytes = type.toBuffer(type.random());
    expect(read(kitchen, bytes)).toEqual(plain(type, type.fromBuffer(bytes)));
  }
});

test.each<[string, unknown, string, unknown]>([
  ["a long beyond 2^53", "long", "feffffffffffffffff01", "9223372036854775807"],
  ["the smallest long", "long", "ffffffffffffffffff01", "-9223372036854775808"],
  ["a price", { type: "bytes", logicalType: "decimal", precision: 10, scale: 2 }, "0404ec", "12.60"],
  ["a refund", { type: "bytes", logicalType: "decimal", precision: 10, scale: 2 }, "02ff", "-0.01"],
  ["a decimal that is none", { type: "bytes", logicalType: "decimal", precision: 10, scale: 1e9 }, "0404ec", "BOw="],
  ["no number at all", "double", "000000000000f87f", "NaN"],
  ["a point in time", { type: "long", logicalType: "timestamp-millis" }, "02", 1],
  ["blocks with their sizes", { type: "array", items: "int" }, "0304020400", [1, 2]],
])("%s reads as what it is", (_, schema, hex, value) => {
  expect(read(schema, Buffer.from(hex, "hex"))).toEqual(value);
});

describe("what is not what the schema says", () => {
  const lines = {
    type: "record",
    name: "Order",
    fields: [
      {
        name: "lines",
        type: { type: "array", items: { type: "record", name: "Line", fields: [{ name: "sku", type: "string" }] } },
      },
    ],
  };
  test.each<[string, unknown, string, RegExp]>([
    ["too short", lines, "02", /^lines\.0\.sku: .*left/],
    ["too long", "int", "0202", /left over/],
    ["a text that is none", lines, "0202ff00", /^lines\.0\.sku: a text is not UTF-8/],
    ["a branch that is not there", ["null", "int"], "04", /no branch 2/],
    ["a symbol that is not there", { type: "enum", name: "E", symbols: ["A"] }, "02", /no symbol 1/],
    ["a negative length", "bytes", "01", /-1 bytes/],
    ["a number without end", "long", "ffffffffffffffffffffff", /too long/],
  ])("is said where it is: %s", (_, schema, hex, message) => {
    expect(() => read(schema, Buffer.from(hex, "hex"))).toThrow(message);
  });

  test("costs nothing, whatever it claims to hold", () => {
    const claim = Buffer.from("feffffffffffffffff01", "hex");
    const startedMs = performance.now();
    expect(() => read({ type: "array", items: "int" }, claim)).toThrow(/left/);
    expect(() => read({ type: "array", items: "null" }, claim)).toThrow(/more than 1000000 values/);
    const deep = { type: "record", name: "Deep", fields: [{ name: "next", type: ["null", "Deep"] }] };
    expect(() => read(deep, Buffer.alloc(100_000, 2))).toThrow(/nested deeper/);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test("is told, never anything else", () => {
    const schema = parseAvroSchema(JSON.stringify(kitchen));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(JSON.stringify(readAvro(schema, Buffer.from(bytes)))).toBeTypeOf("string");
        } catch (error) {
          expect((error as Error).name).toBe("NotAvro");
        }
      }),
    );
  });
});

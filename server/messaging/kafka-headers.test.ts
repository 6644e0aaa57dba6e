import { createRequire } from "node:module";
import { expect, test } from "vitest";
import type { Headers } from "./broker.ts";
import { fromKafkaHeaders, keepHeaderOrder, toKafkaHeaders } from "./kafka-headers.ts";

keepHeaderOrder();
const load = createRequire(import.meta.url);
const encode = load("kafkajs/src/protocol/recordBatch/record/v0") as (record: object) => { buffer: Buffer };
const decode = load("kafkajs/src/protocol/recordBatch/record/v0/decoder") as (
  decoder: object,
  context: object,
) => { headers: never };
const Decoder = load("kafkajs/src/protocol/decoder") as new (buffer: Buffer) => { readVarInt(): number };

/** What a reader gets of headers that were written. */
function through(headers: Headers) {
  const decoder = new Decoder(encode({ key: null, value: null, headers: toKafkaHeaders(headers) }).buffer);
  decoder.readVarInt();
  return decode(decoder, { firstOffset: "0", firstTimestamp: "0" }).headers;
}

const bytes = (text: string) => Buffer.from(text);

test.each<[string, Headers]>([
  ["none", []],
  [
    "a name that stands twice, others between",
    [
      ["a", bytes("1")],
      ["b", bytes("2")],
      ["a", bytes("3")],
    ],
  ],
  [
    "names like numbers",
    [
      ["z", bytes("1")],
      ["10", bytes("2")],
      ["2", bytes("3")],
    ],
  ],
  [
    "names that every object has",
    [
      ["constructor", bytes("1")],
      ["__proto__", bytes("2")],
      ["constructor", bytes("3")],
    ],
  ],
  [
    "bytes that are no text, and none",
    [
      ["raw", Buffer.from([0, 255, 128])],
      ["empty", Buffer.alloc(0)],
    ],
  ],
])("headers come out as they went in: %s", (_, headers) => {
  expect(fromKafkaHeaders(through(headers))).toEqual(headers);
});

test("the object that kafkajs gives is as it was", () => {
  const object = through([
    ["a", bytes("1")],
    ["b", bytes("2")],
    ["a", bytes("3")],
  ]);
  expect({ ...(object as object) }).toEqual({ a: [bytes("1"), bytes("3")], b: bytes("2") });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SHOWN_TEXT_BYTES, showBytes } from "./show-bytes.ts";

const show = (text: string) => showBytes(Buffer.from(text));

describe("bytes of a dead letter as a person reads them", () => {
  it("puts JSON on lines of its own and says nothing more about it", () => {
    expect(show('{"id":"a","lines":[1,{}],"none":[ ]}')).toEqual({
      bytes: 36,
      text: '{\n  "id": "a",\n  "lines": [\n    1,\n    {}\n  ],\n  "none": []\n}',
      base64: null,
      note: null,
    });
  });

  it("keeps every digit, every repeated key and every escape of the original", () => {
    const { text, note } = show('{"a":12345678901234567890.10,"a":"\\ud800\\u0000\\"{"}');
    expect(text).toBe('{\n  "a": 12345678901234567890.10,\n  "a": "\\ud800\\u0000\\"{"\n}');
    expect(note).toBeNull();
  });

  it("means the same after indentation, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom("", " ", "\n\t"), (json, space) => {
        expect(JSON.parse(show(space + json + space).text!)).toEqual(JSON.parse(json));
      }),
    );
  });

  it("tells a tombstone from an empty text", () => {
    expect(showBytes(null)).toMatchObject({ bytes: 0, text: null, base64: null });
    expect(show("")).toEqual({ bytes: 0, text: "", base64: null, note: "Not JSON: it is empty." });
  });

  it("shows text that is no JSON as it is, with the place where it goes wrong", () => {
    expect(show('{"total": 12,}')).toMatchObject({
      text: '{"total": 12,}',
      note: expect.stringMatching(/character 14/),
    });
    expect(show("order 4711 was lost").text).toBe("order 4711 was lost");
  });

  it("makes NUL characters visible", () => {
    expect(show("a\0b")).toMatchObject({ text: "a␀b", note: expect.stringMatching(/NUL/) });
  });

  it("shows half a surrogate pair, which is no UTF-8, as base64", () => {
    const { text, base64, note } = showBytes(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]));
    expect({ text, base64 }).toEqual({ text: null, base64: "Iu2ggCI=" });
    expect(note).toMatch(/^Not UTF-8/);
  });

  it("survives JSON of depth 100,000", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(show(deep)).toMatchObject({ text: deep, note: /100,000 deep/ });
    expect(show("[".repeat(100_000)).note).toMatch(/^Not JSON/);
  });

  it("never makes a text many times as long by indenting it", () => {
    const wide = `${"[".repeat(64)}${"1,".repeat(100_000)}1${"]".repeat(64)}`;
    expect(show(wide).text).toBe(wide);
  });

  it("cuts long text between two characters and long binary at 64 KiB, and says so", () => {
    const long = showBytes(Buffer.from(`a${"ü".repeat(SHOWN_TEXT_BYTES / 2)}`));
    expect(long.text).toHaveLength(SHOWN_TEXT_BYTES / 2);
    expect(long).toMatchObject({ bytes: SHOWN_TEXT_BYTES + 1, note: /^Only the first 1,048,576 of 1,048,577 bytes/ });
    const binary = showBytes(Buffer.alloc(200_000, 0xff));
    expect(Buffer.from(binary.base64!, "base64")).toHaveLength(65_536);
    expect(binary.note).toMatch(/200,000 bytes/);
  });

  it("shows the beginning of a body that is known by its length only", () => {
    expect(showBytes(Buffer.from('{"a":'), 64_000_000)).toMatchObject({
      bytes: 64_000_000,
      text: '{"a":',
      note: /64,000,000/,
    });
  });
});

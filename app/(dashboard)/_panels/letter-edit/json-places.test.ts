import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPlace, readCursor } from "./json-places.ts";

const text = `{
  "id": "7",
  "data": {
    "order": { "totalCents": "3490" },
    "lines": [{ "sku": "TEA" }, { "sku": "POT", "quantity": -1 }],
    "a\\"b": 1
  }
}`;
const at = (path: string) => {
  const { from, to } = findPlace(text, path);
  return text.slice(from, to);
};

describe("the place of a problem", () => {
  test.each([
    ["id", '"7"'],
    ["data.order.totalCents", '"3490"'],
    ["data.lines.1.quantity", "-1"],
    ['data.a"b', "1"],
    ["", "{"],
    ["data", "{"],
  ])("%s", (path, shown) => {
    expect(at(path)).toBe(shown);
  });

  test("of what is missing is the thing it is missing from", () => {
    expect(at("data.order.currency")).toBe('{ "totalCents": "3490" }');
    expect(at("data.lines.9.sku")).toContain("TEA");
    expect(at("nowhere.at.all")).toBe("{");
  });

  test("is inside the text, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (any, path) => {
        const { from, to } = findPlace(any, path);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(any.length);
      }),
    );
  });
});

describe("what belongs at the cursor", () => {
  const cursor = (marked: string) => readCursor(marked.replace("|", ""), marked.indexOf("|"));

  test("a name, in an object that has some already", () => {
    expect(cursor('{"a": 1, |}')).toMatchObject({ path: [], names: ["a"], kind: "name" });
    expect(cursor('{"data": {|}}')).toMatchObject({ path: ["data"], names: [], kind: "name" });
    expect(cursor('{"data": {"or|"}}')).toMatchObject({ path: ["data"], kind: "name", from: 10, to: 14 });
    expect(cursor('{"data": {"order|": 1, "x": 2}}')).toMatchObject({ path: ["data"], names: ["x"], kind: "name" });
    expect(cursor('{"a": 1\n  |}')).toMatchObject({ path: [], names: ["a"], kind: "name" });
    expect(cursor('{"lines": [{}, {|}]}')).toMatchObject({ path: ["lines", 1], kind: "name" });
  });

  test("a value, after a name", () => {
    expect(cursor('{"currency": |}')).toMatchObject({ path: ["currency"], kind: "value" });
    expect(cursor('{"data": {"currency": "E|"}}')).toMatchObject({
      path: ["data", "currency"],
      kind: "value",
      from: 22,
      to: 25,
    });
  });

  test("nothing, where neither belongs", () => {
    expect(cursor('{"a": 1|}')).toBeNull();
    expect(cursor("|")).toBeNull();
    expect(cursor("[1, |]")).toBeNull();
  });

  test("never throws, whatever stands there", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (any, position) => {
        readCursor(any, any.length === 0 ? 0 : position % any.length);
      }),
    );
  });
});

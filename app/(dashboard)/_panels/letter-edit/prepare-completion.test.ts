import { describe, expect, test } from "vitest";
import { suggestNames, suggestValues } from "./prepare-completion.ts";

const schema = {
  $defs: { order: { type: "object", properties: { totalCents: { type: "integer", description: "Cents" } } } },
  type: "object",
  properties: {
    type: { const: "payment.charge" },
    data: {
      type: "object",
      properties: {
        order: { $ref: "#/$defs/order" },
        lines: { type: "array", items: { properties: { sku: { type: "string" } } } },
        method: { anyOf: [{ enum: ["cod", "prepaid"] }, { type: "null" }] },
        loop: { $ref: "#/properties/data/properties/loop" },
        lost: { $ref: "#/nowhere" },
      },
    },
  },
};

describe("what the contract suggests", () => {
  test("the names of an object, without those it has", () => {
    expect(suggestNames(schema, [], ["type"])).toEqual([{ label: "data", detail: "object" }]);
    expect(suggestNames(schema, ["data", "order"], [])).toEqual([
      { label: "totalCents", detail: "integer", info: "Cents" },
    ]);
    expect(suggestNames(schema, ["data", "lines", 3], [])).toEqual([{ label: "sku", detail: "string" }]);
  });

  test("the values it allows, where it names them", () => {
    expect(suggestValues(schema, ["type"])).toEqual(['"payment.charge"']);
    expect(suggestValues(schema, ["data", "method"])).toEqual(['"cod"', '"prepaid"']);
    expect(suggestValues(schema, ["data", "order", "totalCents"])).toEqual([]);
  });

  test("nothing for what it does not know, however crooked the schema", () => {
    expect(suggestNames(schema, ["data", "loop"], [])).toEqual([]);
    expect(suggestNames(schema, ["data", "lost", "x"], [])).toEqual([]);
    expect(suggestNames({}, ["x"], [])).toEqual([]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { prettyJson } from "./pretty-json.ts";

test("whatever is in a record, only its spaces change", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
    }),
  );
});

test("a number past 2^53 keeps every digit", () => {
  expect(prettyJson('{"offset":9007199254740993,"tags":[],"a":{}}')).toBe(
    '{\n  "offset": 9007199254740993,\n  "tags": [],\n  "a": {}\n}',
  );
});

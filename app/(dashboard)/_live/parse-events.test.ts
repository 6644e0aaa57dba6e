import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventParser } from "./parse-events.ts";

const text =
  'retry: 1000\n\nevent: snapshot\nid: e.map.1\ndata: {"a": 1}\n\n: alive\n\nevent: same\nid: e.map.1\ndata: {}\n\n';
const events = [
  { kind: "snapshot", id: "e.map.1", data: '{"a": 1}' },
  { kind: "same", id: "e.map.1", data: "{}" },
];

test("events come out whole, wherever the network cut them", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const parse = createEventParser();
      const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
      expect(pieces.flatMap(parse)).toEqual(events);
    }),
  );
});

test("what is not complete yet is no event", () => {
  expect(createEventParser()("event: snapshot\nid: e.map.1\ndata: {")).toEqual([]);
});

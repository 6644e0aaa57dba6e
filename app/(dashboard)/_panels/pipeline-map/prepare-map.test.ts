import { describe, expect, test } from "vitest";
import type { PipelineMap } from "#contracts/api/operations";
import { layOutMap, PLACE_HEIGHT, PLACE_WIDTH } from "./lay-out-map.ts";
import { prepareMapSummary, preparePlaces, prepareWays } from "./prepare-map.ts";
import { aMap } from "./sample-map.ts";

type Edge = PipelineMap["edges"][number];
const edge: Edge = { from: "topic", to: "create-shipment", perSecond: 2, waiting: 0, status: "ok", money: [] };

describe("the words on a way", () => {
  test.each<[string, Partial<Edge>, string[]]>([
    ["all is well", {}, ["2/s"]],
    [
      "paid orders wait",
      { perSecond: 0, waiting: 37, money: [{ currency: "EUR", cents: 421_000 }], status: "bad" },
      ["0/s", "37 wait", "4,210.00 EUR"],
    ],
    ["nobody counts the rate", { perSecond: null, waiting: 4 }, ["4 wait"]],
    ["nobody counts anything", { perSecond: null, waiting: null }, []],
    ["nothing is known", { perSecond: null, waiting: null, status: "unknown" }, ["unknown"]],
  ])("when %s", (_, change, lines) => {
    expect(prepareWays(aMap({ edges: [{ ...edge, ...change }] }))[0]?.lines).toEqual(lines);
  });
});

test("the ways in trouble are read first; a way to nowhere is left out", () => {
  const edges: Edge[] = [edge, { ...edge, to: "charge-payment", status: "bad" }, { ...edge, to: "gone" }];
  expect(prepareWays(aMap({ edges })).map(({ toLabel }) => toLabel)).toEqual(["charge-payment", "create-shipment"]);
});

test("places in trouble are named to those who can't see the picture", () => {
  const map = aMap();
  expect(prepareMapSummary(map)).toContain("6 places and 6 ways between them. None is in trouble.");
  map.nodes[3]!.status = "bad";
  expect(prepareMapSummary(map)).toContain("In trouble: charge-payment.");
});

describe("the layout", () => {
  const map = aMap();
  const { places, ways } = layOutMap(preparePlaces(map), prepareWays(map));

  test("flows from left to right", () => {
    const xs = ["checkout", "outbox", "topic", "create-shipment", "email"].map((id) => places.get(id)!.x);
    expect(xs).toEqual(xs.toSorted((a, b) => a - b));
    expect(new Set(xs).size).toBe(xs.length);
  });

  test("never puts one place over another", () => {
    const corners = [...places.values()];
    for (const [index, a] of corners.entries())
      for (const b of corners.slice(index + 1))
        expect(Math.abs(a.x - b.x) >= PLACE_WIDTH || Math.abs(a.y - b.y) >= PLACE_HEIGHT).toBe(true);
  });

  test("draws every way, also those that lead back", () => {
    expect(ways.size).toBe(6);
    for (const { path, label } of ways.values()) {
      expect(path).toMatch(/^M-?\d/);
      expect(Number.isFinite(label.x + label.y)).toBe(true);
    }
  });

  test("an empty pipeline has an empty picture", () => {
    expect(layOutMap([], []).places.size).toBe(0);
  });
});

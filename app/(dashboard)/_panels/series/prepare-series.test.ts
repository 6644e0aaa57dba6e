import { expect, test } from "vitest";
import type { Series } from "#contracts/api/operations";
import { prepareCurves, preparePoints } from "./prepare-series.ts";

const point = {
  at: "2026-11-21T10:00:00.000Z",
  placedPerMinute: 120,
  shippedPerMinute: 118,
  latencyMs: 2_400,
  errorsPerMinute: 0,
  lag: 3,
  depth: null,
};
const series: Series = {
  from: "2026-11-21T09:00:00.000Z",
  to: "2026-11-21T10:00:00.000Z",
  points: [{ ...point, at: "2026-11-21T09:59:00.000Z", placedPerMinute: 2_000 }, point],
  marks: [],
};

test("each curve can be read aloud", () => {
  const said = Object.fromEntries(prepareCurves(series).map(({ title, sentence }) => [title, sentence]));
  expect(said["Orders per minute"]).toBe(
    "placed: 120/min now, 2,000/min at most. shipped: 118/min now, 118/min at most.",
  );
  expect(said["Placed to shipped, median"]).toBe("placed to shipped: 2.4 s now, 2.4 s at most.");
});

test("what nobody measured is unknown and leaves a gap, not a zero", () => {
  const depth = prepareCurves(series).find(({ title }) => title === "Depth in RabbitMQ");
  expect(depth?.sentence).toBe("depth: unknown now, unknown at most.");
  expect(preparePoints(series)[0]?.depth).toBeNull();
});

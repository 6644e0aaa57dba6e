import { expect, test } from "vitest";
import { judgeSample } from "./use-sampled.ts";

const now = Date.parse("2026-11-21T10:00:20.000Z");
const live = { state: "live", since: new Date(now) } as const;

test("a fresh sample over an open stream is live", () => {
  expect(judgeSample(live, "2026-11-21T10:00:18.000Z", now, 0)).toEqual({
    state: "live",
    since: new Date("2026-11-21T10:00:18.000Z"),
  });
});

test("an old sample is stale, however alive the stream is", () => {
  expect(judgeSample(live, "2026-11-21T10:00:00.000Z", now, 0).state).toBe("stale");
});

test("a fresh sample over a dropped stream is stale since it was taken", () => {
  const dropped = { state: "stale", since: new Date(now) } as const;
  expect(judgeSample(dropped, "2026-11-21T10:00:18.000Z", now, 0)).toEqual({
    state: "stale",
    since: new Date("2026-11-21T10:00:18.000Z"),
  });
});

test("a browser whose clock is an hour ahead still sees a fresh sample as live", () => {
  const ahead = 3_600_000;
  expect(judgeSample(live, "2026-11-21T10:00:18.000Z", now + ahead, ahead).state).toBe("live");
});

test("before the first sample nothing is claimed", () => {
  expect(judgeSample(live, undefined, now, 0).state).toBe("connecting");
});

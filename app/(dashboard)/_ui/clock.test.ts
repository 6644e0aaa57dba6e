import { expect, test } from "vitest";
import { formatClock, formatMinute, readInstant } from "./clock.ts";
import { readChoice } from "./preferences.ts";

const at = "2026-11-21T10:02:11.480Z";

test("on the UTC clock a time says that it is UTC, whatever the browser's zone", () => {
  expect(formatClock(at, "utc")).toBe("10:02:11 UTC");
  expect(formatMinute(at, "utc")).toBe("10:02");
});

test("on the local clock a time is that of the wall", () => {
  expect(formatClock(at, "local")).toMatch(/^\d\d:02:11$/);
});

test("a typed time means the clock that is shown", () => {
  expect(readInstant("2026-11-21T10:02", "utc")).toBe("2026-11-21T10:02:00.000Z");
  expect(readInstant("2026-11-21T10:02", "local")).toBe(new Date(2026, 10, 21, 10, 2).toISOString());
  expect(readInstant("", "utc")).toBeUndefined();
});

test("a stored choice that does not exist counts as not chosen", () => {
  expect(readChoice("clock", "utc")).toBe("utc");
  expect(readChoice("clock", "mars")).toBe("local");
  expect(readChoice("density", null)).toBe("comfortable");
});

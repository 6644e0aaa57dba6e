import { expect, test } from "vitest";
import { dayOf, fieldOf, formatClock, formatMinute, readInstant } from "./clock.ts";
import { readChoice } from "./preferences.ts";

const at = "2026-11-21T10:02:11.480Z";
const today = "2026-11-21";

test("on the UTC clock a time says that it is UTC, whatever the browser's zone", () => {
  expect(formatClock(at, "utc", today)).toBe("10:02:11 UTC");
  expect(formatMinute(at, "utc")).toBe("10:02");
});

test("on the local clock a time is that of the wall", () => {
  expect(formatClock(at, "local", dayOf(new Date(at), "local"))).toMatch(/^\d\d:02:11$/);
});

test("of another day the date is told, of another year the year", () => {
  expect(formatClock(at, "utc", "2026-11-22")).toBe("21 Nov 10:02:11 UTC");
  expect(formatClock(at, "utc", "2027-01-01")).toBe("21 Nov 2026 10:02:11 UTC");
  expect(formatClock(at, "local", "2026-12-24")).toMatch(/^2[012] Nov \d\d:\d\d:11$/);
});

test("while nobody knows which day it is, the day is left out", () => {
  expect(formatClock(at, "utc", null)).toBe("10:02:11 UTC");
});

test("which day it is depends on the clock", () => {
  const midnight = new Date(2026, 10, 21);
  expect(dayOf(midnight, "local")).toBe("2026-11-21");
  expect(dayOf(new Date(midnight.getTime() - 1), "local")).toBe("2026-11-20");
  expect(dayOf(new Date("2026-11-21T23:59:59.999Z"), "utc")).toBe("2026-11-21");
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

test("a field shows the instant that it holds, on either clock", () => {
  for (const clock of ["utc", "local"] as const)
    expect(fieldOf(readInstant("2026-11-21T10:30", clock), clock)).toBe("2026-11-21T10:30");
  expect(fieldOf("2026-11-21T10:30:00.000Z", "utc")).toBe("2026-11-21T10:30");
  expect(fieldOf(undefined, "utc")).toBe("");
});

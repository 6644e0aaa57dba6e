"use client";

import { useSyncExternalStore } from "react";
import { type Clock, usePreference } from "./preferences.ts";
import { onTick } from "./use-now.ts";

/** What the chosen clock and its calendar show: `2026-11-21T14:02:03.000Z`, whatever its zone. Pure. */
function shownBy(clock: Clock, at: Date): string {
  const offsetMs = clock === "utc" ? 0 : at.getTimezoneOffset() * 60_000;
  return new Date(at.getTime() - offsetMs).toISOString();
}

/** The day of an instant on the chosen clock: `2026-11-21`. Pure. */
export const dayOf = (at: Date, clock: Clock): string => shownBy(clock, at).slice(0, 10);

/**
 * An instant on the chosen clock: `14:02:03`, on another day than `today` `21 Nov 14:02:03`, with the year where that is
 * another one too. UTC says so. While `today` is null nobody knows it yet, and the day is left out. Pure.
 */
export function formatClock(iso: string, clock: Clock, today: string | null): string {
  const at = new Date(iso);
  const time = clock === "utc" ? `${iso.slice(11, 19)} UTC` : at.toLocaleTimeString("en-GB");
  const day = dayOf(at, clock);
  if (today === null || day === today) return time;
  const year = day.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
  const date = new Date(day).toLocaleDateString("en-GB", { day: "numeric", month: "short", year, timeZone: "UTC" });
  return `${date} ${time}`;
}

/** Hours and minutes, for axes. Pure. */
export const formatMinute = (iso: string, clock: Clock): string =>
  clock === "utc"
    ? iso.slice(11, 16)
    : new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** What a `datetime-local` field holds, as an instant; undefined while it is empty or half typed. Pure. */
export function readInstant(field: string, clock: Clock): string | undefined {
  const at = new Date(clock === "utc" ? `${field}Z` : field);
  return field === "" || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** An instant as a `datetime-local` field on the chosen clock shows it; none is an empty field. Pure. */
export const fieldOf = (iso: string | undefined, clock: Clock): string =>
  iso ? shownBy(clock, new Date(iso)).slice(0, 16) : "";

/** The clock that the operator reads. */
export const useClock = (): Clock => usePreference("clock")[0];

/** The day it is on that clock, told anew at midnight; null on the server, and while the browser takes over its page. */
export function useToday(): string | null {
  const clock = useClock();
  return useSyncExternalStore(
    onTick,
    () => dayOf(new Date(), clock),
    () => null,
  );
}

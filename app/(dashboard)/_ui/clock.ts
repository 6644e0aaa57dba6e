"use client";

import { type Clock, usePreference } from "./preferences.ts";

/** A time of day on the chosen clock; UTC says so. Pure. */
export const formatClock = (iso: string, clock: Clock): string =>
  clock === "utc" ? `${iso.slice(11, 19)} UTC` : new Date(iso).toLocaleTimeString("en-GB");

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

/** The clock that the operator reads. */
export const useClock = (): Clock => usePreference("clock")[0];

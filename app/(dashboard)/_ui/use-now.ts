"use client";

import { useSyncExternalStore } from "react";

/** An age on the screen is never older than this, ms. */
const TICK_MS = 5_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** Tells every few seconds that time goes on: one timer for whoever shows an age or a day. */
export function onTick(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const read = () => now;

/** The time, ms, told anew every 5 s; what is newer than the last tick is asked for at once. */
export function useNow(): number {
  useSyncExternalStore(onTick, read, read);
  return Date.now();
}

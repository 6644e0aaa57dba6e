"use client";

import { useSyncExternalStore } from "react";

/** What an operator chooses once per browser. The first value is the one nobody chose. */
const choices = { clock: ["local", "utc"], density: ["comfortable", "compact"] } as const;
type Choices = typeof choices;
export type Clock = Choices["clock"][number];

const keyOf = (name: keyof Choices) => `order-pipeline.${name}`;
const listeners = new Set<() => void>();

/** A choice as it is stored; anything else stored there counts as not chosen. Pure. */
export const readChoice = <Name extends keyof Choices>(name: Name, stored: string | null): Choices[Name][number] =>
  choices[name].find((choice) => choice === stored) ?? choices[name][0];

function read<Name extends keyof Choices>(name: Name): Choices[Name][number] {
  try {
    return readChoice(name, window.localStorage.getItem(keyOf(name)));
  } catch {
    // A browser may refuse its storage; then everything looks as if nobody had chosen.
    return choices[name][0];
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** A choice and the switch to the other one; all open pages of this browser follow. */
export function usePreference<Name extends keyof Choices>(name: Name): [Choices[Name][number], () => void] {
  const value = useSyncExternalStore(
    subscribe,
    () => read(name),
    () => choices[name][0],
  );
  const toggle = () => {
    try {
      window.localStorage.setItem(keyOf(name), choices[name].find((choice) => choice !== value) ?? choices[name][0]);
    } catch {
      return;
    }
    for (const listener of listeners) listener();
  };
  return [value, toggle];
}

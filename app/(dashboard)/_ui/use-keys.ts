"use client";

import { useLayoutEffect, useRef } from "react";

const textual = new Set([
  "text",
  "search",
  "email",
  "url",
  "number",
  "password",
  "tel",
  "date",
  "datetime-local",
  "time",
]);

/** Whether a key pressed there is part of a text. Pure but for the element. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return textual.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Enter on these does what they are there for. */
const pressable = "a, button, [role=tab], [role=option], [role=menuitem]";

const dialog = "[role=dialog][aria-modal=true]";

/**
 * Single keys for a page. None acts while somebody types, with a modifier held, or under a dialog; Enter on a link or a
 * button stays theirs.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>, isOn: boolean): void {
  const latest = useRef({ keys, isOn });
  // Before the page is painted: whoever sees it can use its keys.
  useLayoutEffect(() => {
    latest.current = { keys, isOn };
  });
  useLayoutEffect(() => {
    let isUnderDialog = false;
    // Ahead of the dialog: the Escape that closes it is no key of the page under it.
    const look = () => {
      isUnderDialog = document.querySelector(dialog) !== null;
    };
    const onKey = (event: KeyboardEvent) => {
      if (
        !latest.current.isOn ||
        isUnderDialog ||
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target)
      )
        return;
      if (event.key === "Enter" && event.target instanceof Element && event.target.closest(pressable)) return;
      const act = latest.current.keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", look, { capture: true });
    document.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("keydown", look, { capture: true });
      document.removeEventListener("keydown", onKey);
    };
  }, []);
}

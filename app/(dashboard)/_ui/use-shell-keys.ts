"use client";

import { useEffect, useRef } from "react";
import { isTyping } from "./use-keys.ts";

/** How long after `g` the second key may come, ms. */
const WAIT_MS = 1_200;

type ShellKeys = { onFind(): void; onHelp(): void; onGo(key: string): boolean };

/**
 * Keys that work on every page. A page's own key wins over ours: it is heard on the document, we listen behind it, on
 * the window. Only the key after `g` is ours before anybody else's.
 */
export function useShellKeys(keys: ShellKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let armedAt = 0;
    const isOurs = (event: KeyboardEvent) =>
      !event.defaultPrevented &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey &&
      !isTyping(event.target) &&
      !document.querySelector("[role=dialog][aria-modal=true]");
    const onSecond = (event: KeyboardEvent) => {
      const isArmed = Date.now() - armedAt < WAIT_MS;
      armedAt = 0;
      if (!isArmed || !isOurs(event) || !latest.current.onGo(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const onFirst = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      if (event.key === "g") armedAt = Date.now();
      const act = event.key === "/" ? latest.current.onFind : event.key === "?" ? latest.current.onHelp : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onSecond, { capture: true });
    window.addEventListener("keydown", onFirst);
    return () => {
      window.removeEventListener("keydown", onSecond, { capture: true });
      window.removeEventListener("keydown", onFirst);
    };
  }, []);
}

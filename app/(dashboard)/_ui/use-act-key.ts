"use client";

import { useRef } from "react";

/**
 * One idempotency key per thing asked for: pressed twice, or again after a lost answer, it is one act; asked for
 * differently, it is another. `forget` it once it is done.
 */
export function useActKey() {
  const last = useRef({ asked: "", key: "" });
  return {
    keyFor(asked: unknown): string {
      const text = JSON.stringify(asked);
      if (last.current.key === "" || last.current.asked !== text)
        last.current = { asked: text, key: crypto.randomUUID() };
      return last.current.key;
    },
    forget(): void {
      last.current = { asked: "", key: "" };
    },
  };
}

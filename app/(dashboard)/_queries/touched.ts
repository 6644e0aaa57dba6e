/** Who has not touched the page for so long is not there, ms. */
const IDLE_MS = 5 * 60_000;

let touchedMs = Date.now();
if (typeof window !== "undefined")
  for (const event of ["pointerdown", "pointermove", "keydown", "wheel"])
    addEventListener(event, () => (touchedMs = Date.now()), { capture: true, passive: true });

/** Whether somebody is at this page: it was opened or touched a moment ago. */
export const isTouched = (): boolean => Date.now() - touchedMs < IDLE_MS;

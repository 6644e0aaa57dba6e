/** `12.90 EUR`: integer arithmetic, so no cent is ever made up. */
export const formatMoney = (cents: number, currency: string): string =>
  `${Math.trunc(cents / 100).toLocaleString("en-GB")}.${String(Math.abs(cents % 100)).padStart(2, "0")} ${currency}`;

/** A duration as an operator says it: `340 ms`, `2.4 s`, `6 min`, `3 h`, `2 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 36 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** The time of day, local; the exact instant belongs in a tooltip. */
export const formatTime = (iso: string): string => new Date(iso).toLocaleTimeString("en-GB");

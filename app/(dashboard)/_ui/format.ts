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

/** Sums of several currencies side by side, the largest first; they are never added up. Nothing at all is a dash. */
export const formatMoneys = (sums: readonly { currency: string; cents: number }[]): string =>
  sums
    .toSorted((a, b) => b.cents - a.cents)
    .map(({ cents, currency }) => formatMoney(cents, currency))
    .join(" + ") || "–";

/** `1 letter`, `1,204 letters`. */
export const formatCount = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;

/** `just now`, `6 min ago`; a clock that is ahead of ours is no reason for a negative age. */
export function formatAgo(iso: string, now: number): string {
  const age = now - Date.parse(iso);
  return age < 1_000 ? "just now" : `${formatDuration(age)} ago`;
}

/** `812 B`, `4.2 kB`, `64 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [unit, size] = bytes < 1_000_000 ? ["kB", bytes / 1_000] : ["MB", bytes / 1_000_000];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

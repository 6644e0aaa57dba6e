import { formatDuration } from "./format.ts";

/** What is not known is said, and never shown as zero. */
export const UNKNOWN = "unknown";

/** `12.3/s`, `1,204/s`; null = unknown. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return UNKNOWN;
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.1) return "< 0.1/s";
  return `${perSecond.toLocaleString("en-GB", { maximumFractionDigits: perSecond < 100 ? 1 : 0 })}/s`;
}

/** `1,204`; null = unknown. */
export const formatWhole = (number: number | null): string =>
  number === null ? UNKNOWN : number.toLocaleString("en-GB");

/** Digits of any length with separators: an offset may pass 2^53. */
export const formatDigits = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, ",");

type Outlook = { waiting: number | null; etaMs: number | null; isGrowing: boolean; pausedBy?: string | null };

/** When a backlog is gone at the present pace. */
export function formatEta({ waiting, etaMs, isGrowing, pausedBy = null }: Outlook): string {
  if (waiting === 0) return "caught up";
  if (pausedBy !== null) return "not while paused";
  if (isGrowing) return "growing";
  return etaMs === null ? UNKNOWN : `about ${formatDuration(etaMs)}`;
}

/** How old the first waiting one is; nothing waiting has no age. */
export function formatAge(ms: number | null, waiting: number | null): string {
  if (waiting === 0) return "none";
  return ms === null ? UNKNOWN : formatDuration(ms);
}

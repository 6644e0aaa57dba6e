import { Problem } from "#server/platform/problem";

export type Rate = { perSecond: number; burst: number };

type Bucket = { tokens: number; atMs: number };

/** Callers remembered at a time; the one not seen for the longest is forgotten first. */
const CALLERS = 10_000;

/**
 * A token bucket per caller. Forgetting a caller refills its bucket, so the bound on callers bounds memory and not safety.
 * @returns a function that takes one token. @throws Problem 429 with Retry-After where none is left.
 */
export function createRateLimit({ perSecond, burst }: Rate, now: () => number = Date.now): (caller: string) => void {
  const buckets = new Map<string, Bucket>();
  return (caller) => {
    const atMs = now();
    const known = buckets.get(caller) ?? { tokens: burst, atMs };
    const tokens = Math.min(burst, known.tokens + ((atMs - known.atMs) / 1_000) * perSecond);
    buckets.delete(caller);
    buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, atMs });
    if (buckets.size > CALLERS) buckets.delete(buckets.keys().next().value!);
    if (tokens >= 1) return;
    const seconds = String(Math.ceil((1 - tokens) / perSecond));
    throw new Problem(429, "too_many_requests", "Too many requests. Wait a moment.", {
      headers: { "retry-after": seconds },
    });
  };
}

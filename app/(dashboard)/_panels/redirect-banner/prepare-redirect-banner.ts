import type { Redirect, RedirectTarget } from "#contracts/api/redirects";
import { formatDuration } from "../../_ui/format.ts";

/** Where it goes, in words. Pure. */
export function describeRedirectTarget(target: RedirectTarget): string {
  if (target.kind === "url") return target.url;
  if (target.kind === "worker") return `worker ${target.worker}`;
  if (target.kind === "queue") return `queue ${target.queue}`;
  if (target.kind === "topic") return `topic ${target.topic}`;
  return `exchange ${target.exchange} with key ${target.routingKey || "(none)"}`;
}

/** What is replayed astray on purpose right now, in one sentence; null = nothing. Pure. */
export function prepareRedirectBanner(redirects: readonly Redirect[], now: number): string | null {
  const active = redirects.filter(({ isActive, expiresAt }) => isActive && Date.parse(expiresAt) > now);
  const [first] = active.toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt));
  if (!first) return null;
  const left = formatDuration(Date.parse(first.expiresAt) - now);
  const what = `what is replayed to ${first.fromKind} ${first.fromName} goes to ${describeRedirectTarget(first.target)}`;
  if (active.length === 1) return `A redirect is active for another ${left}: ${what}.`;
  return `${active.length} redirects are active. The next to end, in ${left}: ${what}.`;
}

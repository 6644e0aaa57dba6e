import type { RedirectTarget } from "#contracts/api/redirects";
import type { ReplayTarget } from "#contracts/api/replays";
import type { Db } from "#server/platform/db";
import { sql } from "#server/platform/sql";

/** Standing redirects of queues and topics, by `<kind> <name>`. Those of URLs are the webhook sender's (server/partners). */
export type Redirects = ReadonlyMap<string, ReplayTarget>;

/** As they stand at this moment: a redirect is looked up when something is sent, not when it is planned. */
export async function activeRedirects(db: Db): Promise<Redirects> {
  const rows = await db.rows<{ place: string; target: ReplayTarget }>(sql`
    SELECT from_kind || ' ' || from_name AS place, target FROM redirect_rules
     WHERE is_active AND expires_at > now() AND from_kind IN ('queue', 'topic')`);
  return new Map(rows.map(({ place, target }) => [place, target]));
}

/** Where a target leads in the end. Rules are checked for circles when they are made; a longer chain than 10 is none. */
export function redirected(target: ReplayTarget, redirects: Redirects): ReplayTarget {
  let place = target;
  for (let hop = 0; hop < 10; hop += 1) {
    const next = redirects.get(placeOf(place));
    if (!next) break;
    place = next;
  }
  return place;
}

/** The name under which rules know a target. */
export function placeOf(target: RedirectTarget): string {
  switch (target.kind) {
    case "queue":
      return `queue ${target.queue}`;
    case "topic":
      return `topic ${target.topic}`;
    case "url":
      return `url ${target.url}`;
    case "worker":
      return `worker ${target.worker}`;
    case "exchange":
      return `exchange ${target.exchange}`;
  }
}

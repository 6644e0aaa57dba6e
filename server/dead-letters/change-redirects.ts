import { v7 as uuidv7 } from "uuid";
import type { Redirect, RedirectRequest, RedirectTarget } from "#contracts/api/redirects";
import { queues, topics } from "#contracts/topology";
import type { Operation } from "#server/platform/act";
import type { Db, Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { guardTarget, heldBy } from "./guard-target.ts";
import { placeOf } from "./redirects.ts";

const MAX_HOPS = 10;

/**
 * Sets up a standing redirect. It is looked up whenever something is sent, so it holds at once and ends by itself.
 * @throws Problem 409 when the place has one already; 422 for a target that can't take what lies there, or a circle.
 */
export async function addRedirect(operation: Operation, request: RedirectRequest): Promise<Redirect> {
  const { tx, actor } = operation;
  guardKinds(request);
  guardHeld(request);
  // Two rules made at the same time could close a circle that neither sees.
  await tx.rows(sql`LOCK TABLE redirect_rules IN SHARE ROW EXCLUSIVE MODE`);
  await endExpired(tx);
  await guardCircle(tx, request);
  const id = uuidv7();
  const [made] = await tx.rows(sql`
    INSERT INTO redirect_rules (id, from_kind, from_name, target, reason, created_by, expires_at)
    VALUES (${id}::uuid, ${request.fromKind}, ${request.fromName}, ${JSON.stringify(request.target)}::jsonb, ${request.reason}, ${actor.name},
            now() + ${request.expiresInMs} * interval '1 millisecond')
    ON CONFLICT (from_kind, from_name) WHERE is_active DO NOTHING RETURNING id`);
  if (!made)
    throw new Problem(
      409,
      "redirect_exists",
      `There is a redirect for ${request.fromKind} ${request.fromName} already.`,
    );
  operation.intend({ action: "redirects:add", subject: `redirect:${id}`, reason: request.reason, after: request });
  return (await listRedirects(tx)).find(({ redirectId }) => redirectId === id)!;
}

/** Ends a redirect before its time. @throws Problem 404. */
export async function endRedirect(operation: Operation, redirectId: string): Promise<void> {
  const [ended] = await operation.tx.rows<{ from_name: string }>(sql`
    UPDATE redirect_rules SET is_active = false, ended_at = now() WHERE id = ${redirectId}::uuid AND is_active RETURNING from_name`);
  if (!ended) throw new Problem(404, "redirect_not_found", "There is no active redirect with this id.");
  operation.intend({ action: "redirects:end", subject: `redirect:${redirectId}`, before: { from: ended.from_name } });
}

function guardKinds({ fromKind, fromName, target }: RedirectRequest): void {
  if ((fromKind === "url") !== (target.kind === "url"))
    throw new Problem(
      422,
      "target_not_compatible",
      "A URL is redirected to a URL, a queue or topic to a queue, exchange or topic.",
    );
  if (target.kind === "worker")
    throw new Problem(
      422,
      "target_not_compatible",
      "A worker takes what it gave up on itself: it is no standing target.",
    );
  if (fromKind === "queue" && !Object.values(queues).some(({ name }) => name === fromName))
    throw new Problem(422, "place_not_known", `No queue of ours is called ${fromName}.`);
  if (fromKind === "topic" && !Object.values(topics).some(({ name }) => name === fromName))
    throw new Problem(422, "place_not_known", `No topic of ours is called ${fromName}.`);
}

/** The new target has to take every type that lies in the place: a message it can't read would be lost there. */
function guardHeld({ fromKind, fromName, target }: RedirectRequest): void {
  if (fromKind !== "url" && target.kind !== "url") guardTarget(target, heldBy(fromKind, fromName));
}

/** Follows the standing rules from the new target: coming back to where it starts would send messages round for ever. */
async function guardCircle(tx: Tx, { fromKind, fromName, target }: RedirectRequest): Promise<void> {
  const rules = await tx.rows<{ place: string; target: RedirectTarget }>(
    sql`SELECT from_kind || ' ' || from_name AS place, target FROM redirect_rules WHERE is_active`,
  );
  const next = new Map(rules.map((rule) => [rule.place, placeOf(rule.target)]));
  const start = `${fromKind} ${fromName}`;
  let place: string | undefined = placeOf(target);
  for (let hop = 0; place !== undefined && hop < MAX_HOPS; hop += 1) {
    if (place === start) throw new Problem(422, "redirect_circle", `This would lead back to ${start}.`);
    place = next.get(place);
  }
  if (place !== undefined)
    throw new Problem(422, "redirect_too_long", `More than ${MAX_HOPS} redirects would follow each other.`);
}

const endExpired = (tx: Tx) =>
  tx.rows(
    sql`UPDATE redirect_rules SET is_active = false, ended_at = expires_at WHERE is_active AND expires_at <= now()`,
  );

/** The newest redirects; those that hold come first. */
export async function listRedirects(db: Db): Promise<Redirect[]> {
  const rows = await db.rows<Omit<Redirect, "createdAt" | "expiresAt"> & { createdAt: Date; expiresAt: Date }>(sql`
    SELECT id AS "redirectId", from_kind AS "fromKind", from_name AS "fromName", target, reason, is_active AND expires_at > now() AS "isActive",
           created_by AS "createdBy", created_at AS "createdAt", expires_at AS "expiresAt"
      FROM redirect_rules ORDER BY is_active AND expires_at > now() DESC, created_at DESC LIMIT 200`);
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

import { createHash, randomUUID } from "node:crypto";
import { type Actor, type AuditNote, writeAudit } from "./audit.ts";
import type { Viewer } from "./auth.ts";
import { inTransaction, type Tx } from "./db.ts";
import { Problem } from "./problem.ts";
import { sql } from "./sql.ts";

/** One act of an operator: everything it changes, its intent in the audit and its answer commit together. */
export type Operation = {
  tx: Tx;
  /** Over all rows of the act. */
  id: string;
  actor: Actor;
  /** Adds an intent to the audit, in the act's transaction. */
  intend(note: Pick<AuditNote, "action" | "subject" | "reason" | "before" | "after">): void;
};

/**
 * Runs an act in one transaction. With an Idempotency-Key a repeat gets the first one's answer and changes nothing; 50
 * at the same time wait for the first. The same key with another body is refused.
 * @throws Problem 422 for a key that stands for another request; whatever `change` throws, after the roll-back.
 */
export async function act<Reply>(
  { viewer, request, body }: { viewer: Viewer | null; request: Request; body: unknown },
  change: (operation: Operation) => Promise<Reply>,
): Promise<Reply> {
  const actor: Actor = viewer ? { name: viewer.email, role: viewer.role } : { name: "nobody", role: "none" };
  const key = request.headers.get("idempotency-key");
  return inTransaction(async (tx) => {
    const earlier = key ? await claimKey(tx, actor.name, guardKey(key), hashOf(request, body)) : null;
    if (earlier) return earlier.reply as Reply;
    const notes: AuditNote[] = [];
    const id = randomUUID();
    const reply = await change({
      tx,
      id,
      actor,
      intend: (note) => void notes.push({ ...note, operationId: id, actor, stage: "intent" }),
    });
    await writeAudit(tx, notes);
    if (key)
      await tx.rows(
        sql`UPDATE idempotent_requests SET reply = ${JSON.stringify(reply)}::jsonb WHERE caller = ${actor.name} AND key = ${key}`,
      );
    return reply;
  });
}

const MAX_KEY = 200;

function guardKey(key: string): string {
  if (key.length > MAX_KEY || !/^[\x21-\x7e]+$/.test(key))
    throw new Problem(
      400,
      "idempotency_key_not_valid",
      `The Idempotency-Key is 1 to ${MAX_KEY} visible ASCII characters.`,
    );
  return key;
}

const hashOf = (request: Request, body: unknown): Buffer =>
  createHash("sha256")
    .update(`${request.method} ${new URL(request.url).pathname}\n${JSON.stringify(body ?? null)}`)
    .digest();

/** Null = the key is new and ours now. A second caller waits at the insert for the first one's commit. */
async function claimKey(tx: Tx, caller: string, key: string, hash: Buffer): Promise<{ reply: unknown } | null> {
  const [claimed] = await tx.rows(sql`
    INSERT INTO idempotent_requests (caller, key, request_hash) VALUES (${caller}, ${key}, ${hash})
    ON CONFLICT DO NOTHING RETURNING key`);
  if (claimed) return null;
  const [earlier] = await tx.rows<{ request_hash: Buffer; reply: unknown }>(
    sql`SELECT request_hash, reply FROM idempotent_requests WHERE caller = ${caller} AND key = ${key}`,
  );
  if (!earlier?.request_hash.equals(hash))
    throw new Problem(422, "idempotency_key_reused", "This Idempotency-Key stands for another request.");
  return { reply: earlier.reply };
}

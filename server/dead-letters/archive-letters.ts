import type { Selection } from "#contracts/api/replays";
import type { Operation } from "#server/platform/act";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { anyLetters, tellLetterNews } from "./letter-news.ts";
import { MAX_REPLAYS } from "./max-replays.ts";
import { selectLetters } from "./plan-replays.ts";
import { resolveEmptyGroups } from "./resolve-groups.ts";

type Done = { operationId: string; letters: number };

/**
 * Puts letters aside: they are kept, searchable, and wait for nobody. Letters in a run stay in it. Nothing removes what is
 * archived but a purge, so it can be brought back at any time.
 */
export async function archiveLetters(operation: Operation, selection: Selection, reason: string): Promise<Done> {
  const ids = await selectLetters(operation.tx, selection);
  const moved = await operation.tx.rows<{ id: string; before: string }>(sql`
    UPDATE dead_letters l SET status = 'archived', archived_at = now(), version = l.version + 1
      FROM (SELECT id, status FROM dead_letters WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE) old
     WHERE l.id = old.id AND old.status IN ('dead', 'uncertain', 'quarantined', 'redirected')
    RETURNING l.id, old.status AS before`);
  await resolveEmptyGroups(operation.tx);
  await tellLetterNews(operation.tx, anyLetters());
  return noted(operation, "dead-letters:archive", moved, reason, "archived");
}

/** Takes letters out of the archive again. */
export async function restoreLetters(operation: Operation, selection: Selection, reason: string): Promise<Done> {
  const ids = await selectLetters(operation.tx, selection);
  const moved = await operation.tx.rows<{ id: string; before: string }>(sql`
    UPDATE dead_letters l SET status = CASE WHEN l.replays >= ${MAX_REPLAYS} THEN 'quarantined' ELSE 'dead' END, archived_at = NULL, version = l.version + 1
     WHERE l.id = ANY(${ids}::uuid[]) AND l.status = 'archived'
    RETURNING l.id, 'archived' AS before`);
  await operation.tx.rows(sql`
    UPDATE dead_letter_groups g SET status = 'open', status_changed_at = now()
      FROM dead_letters l WHERE l.id = ANY(${moved.map(({ id }) => id)}::uuid[]) AND g.id = l.group_id AND g.status = 'resolved'`);
  await tellLetterNews(operation.tx, anyLetters());
  return noted(operation, "dead-letters:restore", moved, reason, "dead");
}

function noted(
  operation: Operation,
  action: string,
  moved: readonly { id: string; before: string }[],
  reason: string,
  status: string,
): Done {
  if (moved.length === 0) throw new Problem(409, "nothing_changed", "None of these letters can be moved this way.");
  for (const { id, before } of moved)
    operation.intend({ action, subject: `letter:${id}`, reason, before: { status: before }, after: { status } });
  return { operationId: operation.id, letters: moved.length };
}

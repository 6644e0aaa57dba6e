import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { StoredHeader } from "#contracts/api/dead-letters";
import type { EditRequest } from "#contracts/api/replays";
import type { Operation } from "#server/platform/act";
import { crashPoint } from "#server/platform/crash-point";
import type { Tx } from "#server/platform/db";
import { Problem } from "#server/platform/problem";
import { sql } from "#server/platform/sql";
import { checkEdit } from "./check-edit.ts";
import { lockedHeaders } from "./editable-headers.ts";
import { anyLetters, tellLetterNews } from "./letter-news.ts";
import { outstandingRuns } from "./outstanding-runs.ts";
import { isDeathMark } from "./replay-message.ts";
import { wakeSender } from "./wake-sender.ts";

type Letter = {
  id: string;
  status: string;
  version: number;
  messageId: string | null;
  messageType: string | null;
  orderId: string | null;
  headers: StoredHeader[];
};

/**
 * Stores a corrected version and sends it as a run of one: exactly one message leaves, with the letter's own id, so that
 * the worker's inbox lets the original and its correction take effect once between them. The original stays as it came.
 * An edit lifts the quarantine and starts the loop guard's count anew.
 * @throws Problem 404; 409 when the letter changed or is in a run; 422 naming every problem of body and headers.
 */
export async function editLetter(
  operation: Operation,
  letterId: string,
  request: EditRequest,
): Promise<{ runId: string; number: number }> {
  const { tx, actor } = operation;
  const letter = await lockLetter(tx, letterId);
  if (letter.status === "replaying") {
    const [run] = await outstandingRuns(tx, [letter.id]);
    throw new Problem(409, "letter_in_run", `This letter is already in run “${run?.name ?? "without a name"}”.`);
  }
  if (letter.version !== request.letterVersion)
    throw new Problem(409, "letter_changed", "This letter has changed since you opened it. Look at it again.");
  if (letter.status === "succeeded" && !request.force)
    throw new Problem(409, "letter_succeeded", "This letter's replay succeeded: an edit would need force.");
  const problems = (await checkEdit(tx, letter, request.body)).filter(({ isFatal }) => isFatal || !request.force);
  if (problems.length > 0)
    throw new Problem(422, "edit_not_valid", problems.map(({ path, message }) => `${path}: ${message}`).join(" "), {
      more: { problems },
    });
  const headers = mergeHeaders(letter.headers, request.headers);
  const { id: editId, number } = await storeEdit(tx, letter.id, request, headers, actor.name);
  const runId = await runOfOne(operation, letter, editId, request.reason, number);
  operation.intend({
    action: "dead-letters:edit",
    subject: `letter:${letter.id}`,
    reason: request.reason,
    before: { version: letter.version, status: letter.status },
    after: { edit: number, run: runId, isForced: request.force },
  });
  await tellLetterNews(tx, anyLetters(runId));
  await wakeSender(tx);
  crashPoint("edit:before-commit");
  return { runId, number };
}

/** The letter with its newest headers, locked. @throws Problem 404. */
async function lockLetter(tx: Tx, letterId: string): Promise<Letter> {
  const [letter] = await tx.rows<Letter>(sql`
    SELECT l.id, l.status, l.version, l.message_id AS "messageId", l.message_type AS "messageType", l.order_id AS "orderId",
           (SELECT headers FROM dead_letter_deaths WHERE letter_id = l.id ORDER BY id DESC LIMIT 1) AS headers
      FROM dead_letters l WHERE l.id = ${letterId}::uuid FOR UPDATE`);
  if (!letter) throw new Problem(404, "letter_not_found", "There is no dead letter with this id.");
  return letter;
}

/**
 * Locked headers as they were, whatever the request says, and binary ones, which no editor shows; the others as the
 * operator wrote them. @throws Problem 422.
 */
function mergeHeaders(stored: readonly StoredHeader[], wanted: EditRequest["headers"]): StoredHeader[] {
  const kept = stored.filter(
    ([name, , encoding]) => lockedHeaders.has(name) || (encoding === "base64" && !isDeathMark(name)),
  );
  for (const { name, value } of wanted) {
    if (isDeathMark(name))
      throw new Problem(422, "header_not_allowed", `The header ${name} is written by the product alone.`);
    const locked = kept.find(([own]) => own === name && lockedHeaders.has(own));
    if (locked && locked[1] !== value)
      throw new Problem(422, "header_locked", `The header ${name} can't be changed: messages are told apart by it.`);
  }
  const types = new Map(stored.map(([name, value, encoding]) => [`${name}\n${value}`, encoding]));
  const free = wanted
    .filter(({ name }) => !lockedHeaders.has(name))
    .map(({ name, value }): StoredHeader => [name, value, types.get(`${name}\n${value}`) ?? "utf8"]);
  return [...kept, ...free];
}

async function storeEdit(
  tx: Tx,
  letterId: string,
  request: EditRequest,
  headers: StoredHeader[],
  actor: string,
): Promise<{ id: number; number: number }> {
  const [edit] = await tx.rows<{ id: number; number: number }>(sql`
    INSERT INTO dead_letter_edits (letter_id, number, body, headers, reason, actor)
    SELECT ${letterId}::uuid, coalesce(max(number), 0) + 1, ${Buffer.from(request.body)}, ${JSON.stringify(headers)}::jsonb, ${request.reason}, ${actor}
      FROM dead_letter_edits WHERE letter_id = ${letterId}::uuid
    RETURNING id, number`);
  return edit!;
}

/** A run that is under way at once: one letter needs no hold. */
async function runOfOne({ tx, id, actor }: Operation, letter: Letter, editId: number, reason: string, number: number) {
  const runId = uuidv7();
  await tx.rows(sql`
    INSERT INTO replay_runs (id, operation_id, name, kind, status, selection, letters, reason, planned_by, accepted_by, expires_at, accepted_at, started_at)
    VALUES (${runId}::uuid, ${id}::uuid, ${`Edit ${number} of ${letter.messageType ?? "a letter"}`}, 'edit', 'running',
            ${JSON.stringify({ letterIds: [letter.id] })}::jsonb, 1, ${reason}, ${actor.name}, ${actor.name}, now(), now(), now())`);
  await tx.rows(sql`
    INSERT INTO replays (id, run_id, letter_id, position, letter_version, verdict, verdict_reason, status, letter_status, edit_id)
    VALUES (${randomUUID()}::uuid, ${runId}::uuid, ${letter.id}::uuid, 0, ${letter.version}, 'safe', 'edited by hand', 'waiting', ${letter.status}, ${editId})`);
  await tx.rows(sql`
    UPDATE dead_letters SET status = 'replaying', version = version + 1, replays = 1 WHERE id = ${letter.id}::uuid`);
  return runId;
}
